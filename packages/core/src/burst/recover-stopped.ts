import type { JobId } from "./job.ts";
import { type DeadWorker, failOutOfMemory } from "./out-of-memory.ts";
import { type Recovery, type RecoveryPorts, recoverJob } from "./recover.ts";
import type { WarmWorkers } from "./warm-workers.ts";

export interface StoppedTask extends DeadWorker {
  readonly tenant: string;
  /** The job it was launched for. */
  readonly id: JobId;
}

/**
 * Brings on what a stopped worker left: the job it was launched for, and the one it was ordered or
 * held since. Its entry is closed first, so that no order comes after the look, and removed last, so
 * that a repeat finds it again.
 */
export async function recoverStopped(
  ports: RecoveryPorts & { readonly warm: WarmWorkers },
  task: StoppedTask,
): Promise<ReadonlyMap<JobId, Recovery>> {
  const { warm } = ports;
  const { tenant, id, taskArn } = task;
  // Most workers have withdrawn: a read is a fifth of a refused write's price.
  const known = await warm.get(tenant, taskArn);
  const closed = known && (await warm.close(tenant, taskArn));
  const left = new Set([id, ...(closed?.order ? [closed.order.job] : [])]);
  const recoveries = new Map<JobId, Recovery>();
  for (const job of left) {
    const isEnded = await failOutOfMemory(ports, { tenant, id: job }, task);
    recoveries.set(job, isEnded ? "fail" : await recoverJob(ports, { tenant, id: job }, taskArn));
  }
  if (known) await warm.remove(tenant, taskArn);
  return recoveries;
}
