import type { Clock } from "../lib/clock.ts";
import { MINUTE } from "../lib/duration.ts";
import { END, type EventLog } from "../log/event-log.ts";
import { findEnd } from "../log/find-end.ts";
import { isTerminal, type Job, type JobId, jobStream } from "./job.ts";
import type { JobEnd, JobStore } from "./job-store.ts";
import type { WorkerLauncher } from "./launcher.ts";

/** A job is given to this many workers at most. */
export const MAX_ATTEMPTS = 3;

export interface RecoveryPorts {
  readonly jobs: JobStore;
  readonly log: EventLog;
  readonly launcher: WorkerLauncher;
  readonly clock: Clock;
}

/** What to do with a job whose worker is gone. */
export type Recovery = "leave" | "launch" | "requeue" | "fail";

/** A pure rule: `now` against the lease, attempts against their limit. A known death needs no wait for the lease. */
export function decideRecovery(job: Job, workerIsDead: boolean, now: number): Recovery {
  if (isTerminal(job.state)) return "leave";
  if (job.state === "queued") return job.attempts < MAX_ATTEMPTS ? "launch" : "fail";
  if (!workerIsDead && now < job.leaseUntil) return "leave";
  return job.attempts < MAX_ATTEMPTS ? "requeue" : "fail";
}

/** How long a launched worker may take to claim before another one is started. */
const CLAIM_PATIENCE_MS = 2 * MINUTE;

/**
 * Names a launch: one worker per attempt, and a further one whenever the job has waited in the queue
 * for another two minutes, because the first may have died before it claimed anything.
 */
export function toLaunchToken(
  job: Pick<Job, "id" | "attempts" | "updatedAt">,
  now: number,
): string {
  const window = Math.floor(Math.max(0, now - job.updatedAt) / CLAIM_PATIENCE_MS);
  return `${job.id}-${job.attempts + 1}-${window}`;
}

/** Starts a worker for a queued job. */
export async function launchWorker(
  ports: Pick<RecoveryPorts, "launcher" | "clock">,
  job: Job,
): Promise<void> {
  const { tenant } = job.principal;
  await ports.launcher.launch({ tenant, id: job.id, token: toLaunchToken(job, ports.clock.now()) });
}

/** Brings a job on after its worker stopped (ECS task state change) or its lease ran out. Repeatable. */
export async function recoverJob(
  ports: RecoveryPorts,
  tenant: string,
  id: JobId,
  workerIsDead: boolean,
): Promise<Recovery> {
  const { jobs, clock } = ports;
  const job = await jobs.get(tenant, id);
  if (!job) return "leave";
  const now = clock.now();
  const decision = decideRecovery(job, workerIsDead, now);
  const lease = { tenant, id, fence: job.fence };
  switch (decision) {
    case "leave":
      break;
    case "launch":
      await launchWorker(ports, job);
      break;
    case "requeue":
      if (await jobs.expire(lease, undefined, now))
        await launchWorker(ports, { ...job, updatedAt: now });
      break;
    case "fail":
      if (await jobs.expire(lease, workerLost(job), now)) await endLog(ports.log, job);
      break;
  }
  return decision;
}

function workerLost(job: Job): JobEnd {
  const message = `The worker stopped ${job.attempts} times before the call had ended. Call the tool again; if it stops again, ask for less at once.`;
  return {
    state: "failed",
    outcome: { kind: "error", code: "worker_lost", message },
    statusMessage: message,
  };
}

/** Writes the END event for a job whose worker can't. */
async function endLog(log: EventLog, job: Job): Promise<void> {
  const stream = jobStream(job);
  for (;;) {
    const { next, ended } = await findEnd(log, stream);
    if (ended) return;
    if ((await log.append(stream, next, "recovery", [{ kind: END, data: {} }])) === "appended")
      return;
  }
}
