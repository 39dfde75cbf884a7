import { TASK_TTL_MS } from "../../burst/job.ts";
import { DAY, HOUR } from "../../lib/duration.ts";

/** Which of a project's snapshots are kept. */
export interface RetentionPolicy {
  /** So many of the newest, whatever their age; the head is one of them. */
  readonly snapshotsKept: number;
  /** Of older ones each UTC day's last, for so many days after it was superseded. */
  readonly daysKept: number;
}

/**
 * Whoever got a record or stored a pack has ended, or committed what came of it, so much later: within the 24 hours of its job,
 * and an hour for clocks that differ and for the collector's own run. The one rule by which anything is given up.
 */
export const LONGEST_CALL_MS = TASK_TTL_MS + HOUR;

/** What the policy looks at in a snapshot's record. */
export interface RetainedSnapshot {
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** The project was deleted with it. */
  readonly deleted?: boolean | undefined;
}

/**
 * The numbers of the snapshots to forget, of a project's snapshots, newest first. Never the head, and none that was
 * superseded less than `LONGEST_CALL_MS` ago. Of a deleted project all but the head, `daysKept` after its deletion.
 * A snapshot counts as superseded when the next one that is left was made: later than it truly was, if those between are gone.
 */
export function chooseForgotten(
  snapshots: readonly RetainedSnapshot[],
  { snapshotsKept, daysKept }: RetentionPolicy,
  now: number,
): readonly number[] {
  const [head] = snapshots;
  const isOver = head?.deleted === true && now - head.createdAt >= daysKept * DAY;
  return snapshots
    .filter((snapshot, at) => {
      const next = snapshots[at - 1];
      if (!next) return false;
      const supersededMs = now - next.createdAt;
      if (supersededMs < LONGEST_CALL_MS) return false;
      if (isOver) return true;
      if (at < snapshotsKept) return false;
      const isDaysLast = toDay(snapshot.createdAt) !== toDay(next.createdAt);
      return !(isDaysLast && supersededMs < daysKept * DAY);
    })
    .map(({ number }) => number);
}

/** Days since the epoch, UTC. */
export function toDay(milliseconds: number): number {
  return Math.floor(milliseconds / DAY);
}
