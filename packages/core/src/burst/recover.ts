import type { Clock } from "../lib/clock.ts";
import { MINUTE } from "../lib/duration.ts";
import { END, type EventLog } from "../log/event-log.ts";
import { findEnd } from "../log/find-end.ts";
import { isLastAttempt } from "./attempts-policy.ts";
import { cancelChildren } from "./cancel-job.ts";
import { isParked, isTerminal, type Job, type JobId, jobStream } from "./job.ts";
import type { JobEnd, JobStore } from "./job-store.ts";
import type { WorkerLauncher } from "./launcher.ts";
import { tellParent } from "./tell-parent.ts";

export interface RecoveryPorts {
  readonly jobs: JobStore;
  readonly log: EventLog;
  readonly launcher: WorkerLauncher;
  readonly clock: Clock;
}

/**
 * What to do with a job: `count` a worker that was lost before it claimed anything, then `launch` or
 * `fail`; `requeue` takes it from a worker that is gone.
 */
export type Recovery = "leave" | "count" | "launch" | "requeue" | "fail";

/**
 * A pure rule. `deadWorker`, an ECS task known to have stopped, needs no wait for its lease; it says
 * nothing about a job that another worker holds. Without one, only the lease and the queue count.
 */
export function decideRecovery(job: Job, deadWorker: string | undefined, now: number): Recovery {
  if (isTerminal(job.state) || isParked(job)) return "leave";
  const isLast = isLastAttempt(job);
  const isHolder = deadWorker !== undefined && job.worker === deadWorker;
  if (job.state === "queued") {
    if (isLast) return "fail";
    return deadWorker === undefined || isHolder ? "launch" : "count";
  }
  if (!isHolder && now < job.leaseUntil) return "leave";
  return isLast ? "fail" : "requeue";
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
  const token = toLaunchToken(job, ports.clock.now());
  await ports.launcher.launch({ tenant, id: job.id, token, ...job.size });
}

/** Brings a job on after its worker stopped (ECS task state change) or its lease ran out. Repeatable. */
export async function recoverJob(
  ports: RecoveryPorts,
  { tenant, id }: { readonly tenant: string; readonly id: JobId },
  deadWorker?: string,
): Promise<Recovery> {
  const job = await ports.jobs.get(tenant, id);
  if (!job) return "leave";
  const decision = decideRecovery(job, deadWorker, ports.clock.now());
  if (decision !== "count" || deadWorker === undefined) return carryOut(ports, job, decision);
  const now = ports.clock.now();
  const counted = await ports.jobs.countLost(tenant, id, { worker: deadWorker, now });
  return counted ? carryOut(ports, counted, decideRecovery(counted, undefined, now)) : "leave";
}

async function carryOut(ports: RecoveryPorts, job: Job, decision: Recovery): Promise<Recovery> {
  const { jobs, clock, log } = ports;
  const now = clock.now();
  const lease = { tenant: job.principal.tenant, id: job.id, fence: job.fence };
  switch (decision) {
    case "leave":
    case "count":
      break;
    case "launch":
      await launchWorker(ports, job);
      break;
    case "requeue":
      if (await jobs.expire(lease, undefined, now)) {
        await launchWorker(ports, { ...job, updatedAt: now });
      }
      break;
    case "fail":
      if (await jobs.expire(lease, workerLost(job), now)) {
        await cancelChildren(ports, job);
        await endLog(log, job);
        await tellParent(log, job);
      }
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
export async function endLog(log: EventLog, job: Job): Promise<void> {
  const stream = jobStream(job);
  for (;;) {
    const { next, ended } = await findEnd(log, stream);
    if (ended) return;
    if ((await log.append(stream, next, "recovery", [{ kind: END, data: {} }])) === "appended")
      return;
  }
}
