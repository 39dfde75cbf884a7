import type { Job } from "./job.ts";

/** A job that does not come on is given to this many workers at most. */
export const MAX_ATTEMPTS = 3;
/** One that does, to this many: machines that go away are no fault of its own, but it must end. */
export const MAX_ATTEMPTS_IN_ALL = 20;

/**
 * Whether no other worker gets the job: attempts count from its last progress (a checkpoint, a
 * question that was put), and in all but for those that ended because a person was waited for.
 */
export function isLastAttempt(job: Attempts): boolean {
  const { attempts, parks = 0 } = job;
  return idleAttempts(job) >= MAX_ATTEMPTS || attempts - parks >= MAX_ATTEMPTS_IN_ALL;
}

/** Those that came to nothing, since the last that did not. */
export function idleAttempts({ attempts, attemptsAtProgress = 0 }: Attempts): number {
  return attempts - attemptsAtProgress;
}

type Attempts = Pick<Job, "attempts" | "attemptsAtProgress" | "parks">;
