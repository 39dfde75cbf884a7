import { isTerminal, type Job, type JobId } from "./job.ts";
import type { JobEnd } from "./job-store.ts";
import { endLog, type RecoveryPorts } from "./recover.ts";

/** A worker that is known to be gone. */
export interface DeadWorker {
  /** The ARN of its ECS task. */
  readonly taskArn: string;
  /** Present: it ended because it needed more memory than this, MiB. */
  readonly outOfMemoryMb?: number;
}

/**
 * Ends a job whose worker ran out of memory: another one of the same size would do the same. Only the
 * worker that held the job last counts, and only while no other has it. False: nothing was ended.
 */
export async function failOutOfMemory(
  { jobs, log, clock }: Pick<RecoveryPorts, "jobs" | "log" | "clock">,
  { tenant, id }: { readonly tenant: string; readonly id: JobId },
  { taskArn, outOfMemoryMb }: DeadWorker,
): Promise<boolean> {
  if (outOfMemoryMb === undefined) return false;
  const job = await jobs.get(tenant, id);
  if (!job || isTerminal(job.state) || job.worker !== taskArn) return false;
  const lease = { tenant, id, fence: job.fence };
  if (!(await jobs.expire(lease, outOfMemory(job, outOfMemoryMb), clock.now()))) return false;
  await endLog(log, job);
  return true;
}

function outOfMemory({ tool }: Job, memoryMb: number): JobEnd {
  const message = `${tool} needed more memory than its worker has (${memoryMb} MiB) and was stopped. The same call would end the same way: ask for less at once.`;
  return {
    state: "failed",
    outcome: { kind: "error", code: "out_of_memory", message },
    statusMessage: message,
  };
}
