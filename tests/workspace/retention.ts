import type { SnapshotRecord } from "@zenode/core";

/** Which snapshots are kept, as the design says it; shares no code with what it judges. */
export interface Retention {
  readonly snapshotsKept: number;
  readonly daysKept: number;
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** Whoever got a record or stored a pack has ended so much later. */
export const GRACE_MS = 25 * HOUR_MS;

/** All records of a project that there ever were, by number; none at 0. */
type Records = readonly (SnapshotRecord | undefined)[];

/** Whether nobody need keep a snapshot at a time any more, counting those that are gone already. */
export function mayBeForgotten(
  records: Records,
  number: number,
  { snapshotsKept, daysKept }: Retention,
  now: number,
): boolean {
  const [record, next] = [records[number], records[number + 1]];
  if (!record || !next) return false;
  const supersededMs = now - next.createdAt;
  if (supersededMs < GRACE_MS) return false;
  if (wasDeletedFor(records, number, daysKept * DAY_MS, now)) return true;
  if (number > records.length - 1 - snapshotsKept) return false;
  const isDaysLast = dayOf(record) !== dayOf(next);
  return !(isDaysLast && supersededMs < daysKept * DAY_MS);
}

/** Whether the project was deleted, behind a snapshot, for at least so long. */
function wasDeletedFor(records: Records, number: number, ms: number, now: number): boolean {
  return records.some((record, at) => {
    if (at <= number || !record?.deleted) return false;
    return (records[at + 1]?.createdAt ?? now) - record.createdAt >= ms;
  });
}

function dayOf({ createdAt }: SnapshotRecord): string {
  return new Date(createdAt).toISOString().slice(0, 10);
}

/** What is left of those still there once all time has gone by. */
export function leftInTheEnd(
  records: Records,
  alive: readonly number[],
  { snapshotsKept }: Retention,
): readonly number[] {
  const kept = records.at(-1)?.deleted ? 1 : snapshotsKept;
  return alive.toSorted((a, b) => a - b).slice(-kept);
}
