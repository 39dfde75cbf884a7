import { expect, test } from "vitest";
import { systemClock } from "./clock-node.ts";

test("a sleep ends by itself", async () => {
  const before = performance.now();
  await systemClock.sleep(5);
  expect(performance.now() - before).toBeGreaterThan(3);
});

test("an abort ends a sleep at once, also one that came before", async () => {
  const stop = new AbortController();
  const sleeping = systemClock.sleep(3_600_000, stop.signal);
  stop.abort();
  await sleeping;
  await systemClock.sleep(3_600_000, stop.signal);
});
