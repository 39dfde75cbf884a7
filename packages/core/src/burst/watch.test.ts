import { expect, test } from "vitest";
import { nextLookSeconds } from "./watch.ts";

const MINUTE = 60_000;
const queued = (updatedAt: number) =>
  ({ state: "queued", createdAt: 0, updatedAt, leaseUntil: 0 }) as const;
const running = (leaseUntil: number) =>
  ({ state: "running", createdAt: 0, updatedAt: 0, leaseUntil }) as const;

test.each([
  ["a job that came into the queue just now", queued(20 * MINUTE), 20 * MINUTE, 15],
  ["one that has waited there for two minutes", queued(0), 2 * MINUTE, 60],
  ["a young job that is held", running(MINUTE), MINUTE, 60],
  ["an older one", running(11 * MINUTE), 11 * MINUTE, 300],
  ["one with a long lease, after its end", running(3 * MINUTE), MINUTE, 122],
  ["one with a lease beyond reason, all the same", running(1e15), MINUTE, 300],
])("%s is looked at in time", (_, job, now, seconds) => {
  expect(nextLookSeconds(job, now)).toBe(seconds);
});
