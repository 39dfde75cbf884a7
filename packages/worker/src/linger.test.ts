import { newId, type WarmOrder } from "@zenode/core";
import { MemoryWarmWorkers } from "@zenode/core/testing";
import { expect, test, vi } from "vitest";
import { LOOK_MS, linger, lingerUntil } from "./linger.ts";

const START = 1_000_000;
const WORKER = "task/1";
const WAIT = { tenant: "t-a", until: START + 30_000, number: 1 };

test.each([
  ["the rest of the paid minute", { now: START + 20_000 }, START + 59_000],
  ["nothing once the minute is over", { now: START + 60_000 }, undefined],
  ["nothing when an order could not come in time", { now: START + 58_500 }, undefined],
  ["at least as long as it is told to", { now: START + 50_000, lingerMs: 20_000 }, START + 70_000],
  ["no shorter than what is paid", { now: START + 5000, lingerMs: 20_000 }, START + 59_000],
  ["not at all when it is told so", { now: START, lingerMs: 0 }, undefined],
])("a worker waits %s", (_, time, expected) => {
  expect(lingerUntil({ billedSince: START, ...time })).toBe(expected);
});

/** Time passes by sleeping; `at` is what happens meanwhile. */
function setUp(at: Readonly<Record<number, (warm: MemoryWarmWorkers) => unknown>> = {}) {
  const warm = new MemoryWarmWorkers();
  let [time, looks] = [START, 0];
  const clock = {
    now: () => time,
    sleep: async (ms: number) => {
      time += ms;
      looks += 1;
      await at[looks]?.(warm);
    },
  };
  const task = {
    arn: WORKER,
    cluster: "zenode",
    taskDefinition: "zenode-worker:7",
    cpu: 1024,
    memoryMb: 2048,
  };
  const shutdown = new AbortController();
  const wait = () =>
    linger({ task, warm, clock, logger: { info: () => undefined } }, WAIT, shutdown.signal);
  return { warm, clock, wait, shutdown };
}

const newOrder = (): WarmOrder => ({ job: newId("task"), orderedAt: START });

test("an order is found at the next look, and its entry stays while it is carried out", async () => {
  const order = newOrder();
  const { wait, warm, clock } = setUp({ 3: (warm) => warm.order("t-a", WORKER, order) });
  expect(await wait()).toEqual({ tenant: "t-a", id: order.job });
  expect(clock.now()).toBe(START + 3 * LOOK_MS);
  expect(await warm.get("t-a", WORKER)).toMatchObject({ order, until: WAIT.until });
});

test("nobody orders it: it withdraws when its time is over", async () => {
  const { wait, warm, clock } = setUp();
  expect(await wait()).toBeUndefined();
  expect(clock.now()).toBe(WAIT.until);
  expect(await warm.list("t-a")).toEqual([]);
});

test("an order that comes between the last look and the withdrawal is carried out", async () => {
  const { wait, warm } = setUp();
  const order = newOrder();
  const withdraw = warm.withdraw.bind(warm);
  vi.spyOn(warm, "withdraw").mockImplementation(async (tenant, worker) => {
    await warm.order(tenant, worker, order);
    return withdraw(tenant, worker);
  });
  expect(await wait()).toEqual({ tenant: "t-a", id: order.job });
});

test("a worker that has to go withdraws at once", async () => {
  const setting = setUp({ 1: () => setting.shutdown.abort() });
  expect(await setting.wait()).toBeUndefined();
  expect(setting.clock.now()).toBe(START + LOOK_MS);
  expect(await setting.warm.list("t-a")).toEqual([]);
});

test("a worker that has to go leaves an order that came meanwhile for the reaper to find", async () => {
  const order = newOrder();
  const setting = setUp({
    1: async (warm) => {
      await warm.order("t-a", WORKER, order);
      setting.shutdown.abort();
    },
  });
  expect(await setting.wait()).toBeUndefined();
  expect(await setting.warm.get("t-a", WORKER)).toMatchObject({ order });
});

test.each([
  ["closed", (warm: MemoryWarmWorkers) => warm.close("t-a", WORKER)],
  ["removed", (warm: MemoryWarmWorkers) => warm.remove("t-a", WORKER)],
])("a worker whose entry was %s ends", async (_, act) => {
  const { wait, clock } = setUp({ 2: act });
  expect(await wait()).toBeUndefined();
  expect(clock.now()).toBe(START + 2 * LOOK_MS);
});
