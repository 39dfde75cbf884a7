import { MINUTE } from "../lib/duration.ts";
import type { Job } from "./job.ts";

/** How long an ended job answers its call when that comes again: for a client that was cut off, and a person who looks. */
export const REPEAT_MS = 10 * MINUTE;

/**
 * Whether an ended job's result is that of the same call made now: it is young, went well, and what the
 * tool said it depends on has not changed. So who comes back late has what was done for it, and is not
 * told of a state of the files that is over. A pure rule.
 */
export function answersAgain(
  ended: Pick<Job, "state" | "basis" | "outcome" | "updatedAt">,
  asked: Pick<Job, "basis">,
  now: number,
): boolean {
  const { state, basis, outcome, updatedAt } = ended;
  const wentWell =
    state === "completed" && outcome?.kind === "result" && outcome.result.isError !== true;
  return wentWell && basis !== undefined && basis === asked.basis && now - updatedAt < REPEAT_MS;
}
