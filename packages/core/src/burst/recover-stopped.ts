import type { JobId } from "./job.ts";
import { type DeadWorker, failOutOfMemory } from "./out-of-memory.ts";
import { type Recovery, type RecoveryPorts, recoverJob } from "./recover.ts";
import type { WarmWorkers } from "./warm-workers.ts";

export interface StoppedTask extends DeadWorker {
  readonly tenant: string;
  /** The job it was launched for. */
  readonly id: JobId;
  /** It ended by itself (exit code 0). It asks for that job first of all, so it was not lost on its way to it. */
  readonly endedItself?: true;
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
  const { tenant, id, taskArn, endedItself = false } = task;
  // Most workers have withdrawn: a read is a fifth of a refused write's price.
  const known = await warm.get(tenant, taskArn);
  const closed = known && (await warm.close(tenant, taskArn));
  const left = new Set([id, ...(closed?.order ? [closed.order.job] : [])]);
  const recoveries = new Map<JobId, Recovery>();
  for (const job of left) {
    const isEnded = await failOutOfMemory(ports, { tenant, id: job }, task);
    // Since then that job may be on its way to another worker; what was ordered later it may not have seen.
    const hasAsked = endedItself && job !== closed?.order?.job;
    const recover = () => recoverJob(ports, { tenant, id: job }, taskArn, hasAsked);
    recoveries.set(job, isEnded ? "fail" : await recover());
  }
  if (known) await warm.remove(tenant, taskArn);
  return recoveries;
}
