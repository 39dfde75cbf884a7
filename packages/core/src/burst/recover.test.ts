import { expect, test } from "vitest";
import type { Job } from "./job.ts";
import { decideRecovery, toLaunchToken } from "./recover.ts";

const job = (state: Job["state"], attempts: number, leaseUntil: number) =>
  ({ state, attempts, leaseUntil }) as Job;

test.each([
  ["an ended job is left", job("completed", 1, 0), true, 1000, "leave"],
  ["a queued job gets a worker", job("queued", 0, 0), false, 1000, "launch"],
  ["a held lease is respected", job("running", 1, 2000), false, 1000, "leave"],
  ["a lease that ran out frees the job", job("running", 1, 1000), false, 1000, "requeue"],
  ["a known death does not wait for the lease", job("claimed", 1, 9999), true, 1000, "requeue"],
  ["the third death ends it", job("running", 3, 9999), true, 1000, "fail"],
  ["a queued job without attempts left fails", job("queued", 3, 0), false, 1000, "fail"],
])("%s", (_, state, dead, now, expected) => {
  expect(decideRecovery(state, dead, now)).toBe(expected);
});

test("a launch keeps its token for two minutes, then gets a new one", () => {
  const waiting = { id: `task_${"0".repeat(32)}` as const, attempts: 0, updatedAt: 0 };
  const first = toLaunchToken(waiting, 0);
  expect(toLaunchToken(waiting, 119_999)).toBe(first);
  expect(toLaunchToken(waiting, 120_000)).not.toBe(first);
  expect(toLaunchToken({ ...waiting, attempts: 1 }, 0)).not.toBe(first);
  expect(toLaunchToken(waiting, 1e12).length).toBeLessThanOrEqual(62);
});
