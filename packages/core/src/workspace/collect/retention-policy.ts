import { DAY, HOUR } from "../../lib/duration.ts";

/** Which of a project's snapshots are kept. */
export interface RetentionPolicy {
  /** So many of the newest, whatever their age; the head is one of them. */
  readonly snapshotsKept: number;
  /** Of older ones each UTC day's last, for so many days after it was superseded. */
  readonly daysKept: number;
}

/**
 * A call that reads a snapshot ends within the 24 hours of its job. An hour more, for clocks that differ and for the
 * time between a record's making and its commit.
 */
export const LONGEST_READ_MS = 25 * HOUR;

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
 * superseded less than `LONGEST_READ_MS` ago. Of a deleted project all but the head, `daysKept` after its deletion.
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
      if (supersededMs < LONGEST_READ_MS) return false;
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
