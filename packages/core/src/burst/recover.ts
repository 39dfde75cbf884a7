import type { Clock } from "../lib/clock.ts";
import { MINUTE, SECOND } from "../lib/duration.ts";
import { END, type EventLog } from "../log/event-log.ts";
import { findEnd } from "../log/find-end.ts";
import { idleAttempts, isLastAttempt } from "./attempts-policy.ts";
import { cancelChildren } from "./cancel-job.ts";
import { bringToWorker } from "./dispatch.ts";
import { isParked, isTerminal, type Job, type JobId, jobStream } from "./job.ts";
import type { JobEnd, JobStore } from "./job-store.ts";
import { isUnderWay } from "./launch.ts";
import type { LaunchQueue } from "./launch-queue.ts";
import type { WorkerLauncher } from "./launcher.ts";
import { tellParent } from "./tell-parent.ts";
import type { Wakeups } from "./wakeups.ts";

export interface RecoveryPorts {
  readonly jobs: JobStore;
  readonly log: EventLog;
  readonly launcher: WorkerLauncher;
  readonly queue: LaunchQueue;
  readonly wakeups: Wakeups;
  readonly clock: Clock;
}

/**
 * What to do with a job: `count` a worker that was lost before it claimed anything, then `launch` or
 * `fail`; `requeue` takes it from a worker that is gone; `delay` lets a back-off pass.
 */
export type Recovery = "leave" | "count" | "launch" | "delay" | "requeue" | "fail";

/**
 * How long a job whose worker was lost rests in the queue, by its attempts that came to nothing: what kills one worker
 * after another had better not do so at once.
 */
const BACK_OFF_MS = [0, 0, 10 * SECOND, MINUTE] as const;

/** From when on a queued job may be launched: milliseconds since the epoch. */
export function launchableAt(
  job: Pick<Job, "attempts" | "attemptsAtProgress" | "updatedAt">,
): number {
  const last = BACK_OFF_MS.length - 1;
  return job.updatedAt + (BACK_OFF_MS[Math.min(idleAttempts(job), last)] ?? 0);
}

/**
 * A pure rule. `deadWorker`, an ECS task known to have stopped, needs no wait for its lease; it says
 * nothing about a job that another worker holds. Without one, only the lease and the queue count.
 * `hasAsked`: it had asked for the job before it stopped, so it was not lost on its way to it.
 */
export function decideRecovery(
  job: Job,
  deadWorker: string | undefined,
  now: number,
  hasAsked = false,
): Recovery {
  if (isTerminal(job.state) || isParked(job)) return "leave";
  const isLast = isLastAttempt(job);
  const isHolder = deadWorker !== undefined && job.worker === deadWorker;
  if (job.state !== "queued") {
    if (!isHolder && now < job.leaseUntil) return "leave";
    return isLast ? "fail" : "requeue";
  }
  if (isLast) return "fail";
  const isLost = deadWorker !== undefined && !isHolder && !hasAsked;
  return isLost ? "count" : decideQueued(job, now);
}

function decideQueued(job: Job, now: number): Recovery {
  if (isUnderWay(job, now)) return "leave";
  return now < launchableAt(job) ? "delay" : "launch";
}

/** Brings a job on after its worker stopped (ECS task state change) or its lease ran out. Repeatable. */
export async function recoverJob(
  ports: RecoveryPorts,
  { tenant, id }: { readonly tenant: string; readonly id: JobId },
  deadWorker?: string,
  hasAsked = false,
): Promise<Recovery> {
  const job = await ports.jobs.get(tenant, id);
  if (!job) return "leave";
  const decision = decideRecovery(job, deadWorker, ports.clock.now(), hasAsked);
  if (decision !== "count" || deadWorker === undefined) {
    return carryOut(ports, job, decision, deadWorker);
  }
  const now = ports.clock.now();
  const counted = await ports.jobs.countLost(tenant, id, { worker: deadWorker, now });
  if (!counted) return "leave";
  return carryOut(ports, counted, decideRecovery(counted, undefined, now), deadWorker);
}

async function carryOut(
  ports: RecoveryPorts,
  job: Job,
  decision: Recovery,
  deadWorker?: string,
): Promise<Recovery> {
  const { jobs, clock, log } = ports;
  const now = clock.now();
  const lease = { tenant: job.principal.tenant, id: job.id, fence: job.fence };
  switch (decision) {
    case "leave":
    case "count":
      break;
    case "launch":
      await bringToWorker(ports, job);
      break;
    case "delay":
      // An event comes once; whoever only looks, looks again.
      if (deadWorker !== undefined) await wakeAfterBackOff(ports, job);
      break;
    case "requeue":
      if (await jobs.expire(lease, undefined, now)) {
        await goOn(ports, { ...job, state: "queued", leaseUntil: 0, updatedAt: now });
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

/** A job that was just put back gets its next worker, now or when its back-off is over. */
async function goOn(ports: RecoveryPorts, job: Job): Promise<void> {
  const isDelayed = ports.clock.now() < launchableAt(job);
  await (isDelayed ? wakeAfterBackOff(ports, job) : bringToWorker(ports, job));
}

async function wakeAfterBackOff({ wakeups, clock }: RecoveryPorts, job: Job): Promise<void> {
  const { tenant } = job.principal;
  const seconds = Math.ceil((launchableAt(job) - clock.now()) / SECOND);
  await wakeups.wake({ kind: "retry", tenant, id: job.id }, Math.max(0, seconds));
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
