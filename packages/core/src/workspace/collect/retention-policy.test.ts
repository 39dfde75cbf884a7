import { expect, test } from "vitest";
import { DAY, HOUR, MINUTE } from "../../lib/duration.ts";
import { chooseForgotten, type RetainedSnapshot } from "./retention-policy.ts";

/** Midnight, UTC. */
const T0 = 20_000 * DAY;

/** Newest first, numbered from 1 in the order of their making. */
function made(...times: readonly number[]): readonly RetainedSnapshot[] {
  return times.map((time, at) => ({ number: at + 1, createdAt: T0 + time })).reverse();
}

test("a project that nobody pushed has nothing to forget", () => {
  expect(chooseForgotten([], { snapshotsKept: 1, daysKept: 1 }, T0)).toEqual([]);
});

test("the head stays for ever", () => {
  const policy = { snapshotsKept: 1, daysKept: 1 };
  expect(chooseForgotten(made(0), policy, T0 + 1_000 * DAY)).toEqual([]);
  expect(chooseForgotten(made(0, 1, 2), policy, T0 + 1_000 * DAY)).toEqual([2, 1]);
});

test("what was superseded less than 25 hours ago stays, and goes then", () => {
  const snapshots = made(0, HOUR, 2 * HOUR);
  const policy = { snapshotsKept: 1, daysKept: 1 };
  expect(chooseForgotten(snapshots, policy, T0 + 26 * HOUR - 1)).toEqual([]);
  expect(chooseForgotten(snapshots, policy, T0 + 26 * HOUR)).toEqual([1]);
  expect(chooseForgotten(snapshots, policy, T0 + 27 * HOUR)).toEqual([2, 1]);
});

test("so many of the newest stay, however old they are", () => {
  const snapshots = made(0, 1, 2, 3, 4);
  expect(chooseForgotten(snapshots, { snapshotsKept: 3, daysKept: 1 }, T0 + 1_000 * DAY)).toEqual([
    2, 1,
  ]);
});

test("of older ones each day's last stays, for so many days after it was superseded", () => {
  // Three on each of four days.
  const times = [0, 1, 2, 3].flatMap((day) => [1, 2, 3].map((hour) => day * DAY + hour * HOUR));
  const snapshots = made(...times);
  const policy = { snapshotsKept: 1, daysKept: 4 };
  expect(chooseForgotten(snapshots, policy, T0 + 3 * DAY + 30 * HOUR)).toEqual([
    11, 10, 8, 7, 5, 4, 2, 1,
  ]);
  // The third was superseded by the fourth on day 1, 01:00.
  expect(chooseForgotten(snapshots, policy, T0 + 5 * DAY + HOUR - MINUTE)).not.toContain(3);
  expect(chooseForgotten(snapshots, policy, T0 + 5 * DAY + HOUR)).toContain(3);
});

test("deciding again after forgetting comes to the same", () => {
  const snapshots = made(...Array.from({ length: 50 }, (_, at) => at * 5 * HOUR));
  const policy = { snapshotsKept: 3, daysKept: 5 };
  const now = T0 + 12 * DAY;
  const forgotten = chooseForgotten(snapshots, policy, now);
  const left = snapshots.filter(({ number }) => !forgotten.includes(number));
  expect(left.length).toBeLessThan(12);
  expect(chooseForgotten(left, policy, now)).toEqual([]);
});

test("of a deleted project all but the head goes, days after its deletion", () => {
  const [head, ...others] = made(0, 1, 2);
  if (!head) throw new Error("There is no head.");
  const snapshots = [{ ...head, deleted: true }, ...others];
  const policy = { snapshotsKept: 100, daysKept: 30 };
  expect(chooseForgotten(snapshots, policy, T0 + 30 * DAY)).toEqual([]);
  expect(chooseForgotten(snapshots, policy, T0 + 30 * DAY + 2)).toEqual([2, 1]);
});

test("a deleted project's snapshots stay as long as they may be read, too", () => {
  const [head, ...others] = made(0, 1, 2);
  if (!head) throw new Error("There is no head.");
  const policy = { snapshotsKept: 1, daysKept: 1 };
  const snapshots = [{ ...head, deleted: true }, ...others];
  expect(chooseForgotten(snapshots, policy, T0 + DAY + 3)).toEqual([]);
});
