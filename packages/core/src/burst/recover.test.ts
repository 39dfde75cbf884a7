import { expect, test } from "vitest";
import type { Job } from "./job.ts";
import { toLaunchToken } from "./launch.ts";
import { decideRecovery, launchableAt } from "./recover.ts";

const job = (state: Job["state"], attempts: number, leaseUntil = 0, change: Partial<Job> = {}) =>
  ({ state, attempts, leaseUntil, worker: "w-1", updatedAt: 0, ...change }) as Job;

test.each([
  ["an ended job is left", job("completed", 1), "w-1", "leave"],
  ["a queued job gets a worker", job("queued", 0), undefined, "launch"],
  ["a job that its worker gave back gets another one", job("queued", 1), "w-1", "launch"],
  [
    "a job whose worker is on its way is left",
    job("queued", 0, 0, { awaitedUntil: 900_000 }),
    undefined,
    "leave",
  ],
  ["a second crash is followed by a rest", job("queued", 2), undefined, "delay"],
  [
    "after its rest the job goes on",
    job("queued", 2, 0, { updatedAt: -9000 }),
    undefined,
    "launch",
  ],
  ["a worker lost before it claimed is counted", job("queued", 1), "w-2", "count"],
  ["a queued job without attempts left fails", job("queued", 3), undefined, "fail"],
  ["a held lease is respected", job("running", 1, 2000), undefined, "leave"],
  ["a lease that ran out frees the job", job("running", 1, 1000), undefined, "requeue"],
  ["a known death does not wait for the lease", job("claimed", 1, 9999), "w-1", "requeue"],
  ["another worker's death means nothing to the holder", job("running", 1, 9999), "w-2", "leave"],
  ["the third death ends it", job("running", 3, 9999), "w-1", "fail"],
])("%s", (_, state, deadWorker, expected) => {
  expect(decideRecovery(state, deadWorker, 1000)).toBe(expected);
});

test("a launch keeps its token for two minutes, then gets a new one", () => {
  const waiting = { id: `task_${"0".repeat(32)}` as const, attempts: 0, updatedAt: 0 };
  const first = toLaunchToken(waiting, 0);
  expect(toLaunchToken(waiting, 119_999)).toBe(first);
  expect(toLaunchToken(waiting, 120_000)).not.toBe(first);
  expect(toLaunchToken({ ...waiting, attempts: 1 }, 0)).not.toBe(first);
  expect(toLaunchToken(waiting, 1e12).length).toBeLessThanOrEqual(62);
});

test.each([
  [0, 500],
  [1, 500],
  [2, 10_500],
  [3, 60_500],
  [9, 60_500],
])("after %d attempts a job rests until %d", (attempts, expected) => {
  expect(launchableAt({ attempts, updatedAt: 500 })).toBe(expected);
});
