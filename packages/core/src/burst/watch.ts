import { MINUTE, SECOND } from "../lib/duration.ts";
import { dispatch } from "./dispatch.ts";
import { isTerminal, type Job } from "./job.ts";
import { type Recovery, type RecoveryPorts, recoverJob } from "./recover.ts";
import type { Wakeup } from "./wakeups.ts";

/**
 * When a new job is looked at first, in seconds. Longer than a call may take to store its job, whose
 * message goes out before.
 */
export const FIRST_LOOK_SECONDS = 30;

/** Between two looks at a job in the queue, and at one that a worker holds: short while it is young. */
const LOOKS: readonly { readonly youngerThanMs: number; readonly everyMs: number }[] = [
  { youngerThanMs: 10 * MINUTE, everyMs: MINUTE },
  { youngerThanMs: Number.POSITIVE_INFINITY, everyMs: 5 * MINUTE },
];
const QUEUED_LOOKS: typeof LOOKS = [
  { youngerThanMs: 2 * MINUTE, everyMs: 15 * SECOND },
  { youngerThanMs: Number.POSITIVE_INFINITY, everyMs: MINUTE },
];

/** After a lease's end: clocks differ a little. */
const LEASE_SLACK_MS = 2 * SECOND;

/** When to look again at a job that has not ended, in seconds. A pure rule. */
export function nextLookSeconds(
  job: Pick<Job, "state" | "createdAt" | "updatedAt" | "leaseUntil">,
  now: number,
): number {
  if (job.state === "queued") return toSeconds(pace(QUEUED_LOOKS, now - job.updatedAt));
  const untilOver = job.leaseUntil - now + LEASE_SLACK_MS;
  return toSeconds(Math.max(untilOver, pace(LOOKS, now - job.createdAt)));
}

function pace(looks: typeof LOOKS, age: number): number {
  return looks.find(({ youngerThanMs }) => age < youngerThanMs)?.everyMs ?? MINUTE;
}

/** Not more than five minutes, whatever lease a job claims to have. */
function toSeconds(ms: number): number {
  return Math.ceil(Math.min(Math.max(ms, SECOND), 5 * MINUTE) / SECOND);
}

export type Look = Recovery | "unknown" | "ended";

/**
 * A look at a job, ordered by a message: takes it back from a worker that is silent, launches what
 * waits, and orders the next look. Repeatable; a message that comes twice means looks more often until
 * the job has ended.
 */
export async function lookAfter(ports: RecoveryPorts, wakeup: Wakeup): Promise<Look> {
  const { tenant, id, kind } = wakeup;
  const look = await recoverJob(ports, { tenant, id });
  const job = await ports.jobs.get(tenant, id);
  // A message goes out before its job is stored: the call was refused, or found another job.
  if (!job) return "unknown";
  if (isTerminal(job.state)) {
    await ports.jobs.freeSlot(tenant, id);
    return "ended";
  }
  if (job.state === "queued") await dispatch(ports);
  if (kind === "watch" || look === "delay") {
    await ports.wakeups.wake(wakeup, nextLookSeconds(job, ports.clock.now()));
  }
  return look;
}
