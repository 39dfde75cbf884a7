import type { JobId } from "./job.ts";

/** Messages to come: SQS with a delay. A message may come late and more than once, and is never lost. */
export interface Wakeups {
  /** Durable when it returns. `afterSeconds` is a whole number from 0 to 900 (SQS DelaySeconds). */
  wake(wakeup: Wakeup, afterSeconds: number): Promise<void>;
}

/**
 * `watch`: look after the job until it has ended; each look orders the next one, so a job has one
 * such message at a time. `retry`: look once, for instance when a back-off is over.
 */
export interface Wakeup {
  readonly kind: "watch" | "retry";
  readonly tenant: string;
  readonly id: JobId;
}

/** The longest delay of a message, in seconds. */
export const MAX_WAKE_SECONDS = 900;

/** @throws RangeError for what SQS would refuse: a mistake of the caller's. */
export function checkWakeSeconds(afterSeconds: number): number {
  if (Number.isInteger(afterSeconds) && afterSeconds >= 0 && afterSeconds <= MAX_WAKE_SECONDS)
    return afterSeconds;
  throw new RangeError(`A wakeup can't come after ${afterSeconds} s.`);
}
