import { expect, test, vi } from "vitest";
import { newId } from "../lib/id.ts";
import { MemoryWorkerLauncher } from "../testing/launcher-memory.ts";
import { MemoryWarmWorkers } from "../testing/warm-workers-memory.ts";
import type { LaunchOrder } from "./launcher.ts";
import { WarmFirstLauncher } from "./warm-first-launcher.ts";
import type { WarmOffer } from "./warm-workers.ts";

const START = 1_000_000;

function setUp(taskDefinition = "arn:aws:ecs:eu-central-1:1:task-definition/zenode-worker:7") {
  const clock = { time: START, now: () => clock.time };
  const [warm, cold] = [new MemoryWarmWorkers(), new MemoryWorkerLauncher()];
  const logger = { error: vi.fn() };
  const launcher = new WarmFirstLauncher({ warm, cold, clock, logger, taskDefinition });
  const offer = (worker: string, change: Partial<WarmOffer> = {}, tenant = "t-a") =>
    warm.offer(tenant, {
      worker,
      cpu: 1024,
      memoryMb: 2048,
      taskDefinition: "zenode-worker:7",
      until: START + 30_000,
      number: 1,
      ...change,
    });
  return { clock, warm, cold, logger, launcher, offer };
}

function newOrder(change: Partial<LaunchOrder> = {}): LaunchOrder {
  const id = newId("task");
  return { tenant: "t-a", id, token: `${id}-1-0`, ...change };
}

test("a waiting worker of the tenant gets the job, and nothing is launched", async () => {
  const { launcher, offer, warm, cold } = setUp();
  await offer("task/1");
  const order = newOrder();
  expect(await launcher.launch(order)).toMatchObject({ kind: "launched", taskArn: "task/1" });
  expect(cold.launched).toEqual([]);
  expect((await warm.get("t-a", "task/1"))?.order).toEqual({ job: order.id, orderedAt: START });
});

test.each([
  ["of another tenant", {}, "t-b", {}],
  ["of another release", { taskDefinition: "zenode-worker:6" }, "t-a", {}],
  ["about to leave", { until: START + 1000 }, "t-a", {}],
  ["smaller than a usual one", { cpu: 512 }, "t-a", {}],
  ["with too little CPU for the tool", {}, "t-a", { cpu: 2048, memoryMb: 2048 }],
  ["with too little memory for the tool", {}, "t-a", { cpu: 1024, memoryMb: 4096 }],
])("a worker %s gets nothing: another one is launched", async (_, change, tenant, size) => {
  const { launcher, offer, warm, cold } = setUp();
  await offer("task/1", change, tenant);
  const order = newOrder(size);
  expect(await launcher.launch(order)).toEqual({ kind: "launched", taskArn: "task/memory/1" });
  expect(cold.launched).toEqual([order]);
  expect((await warm.get(tenant, "task/1"))?.order).toBeUndefined();
});

test("a launch that is repeated while the order is under way orders nobody else", async () => {
  const { launcher, offer, clock, cold } = setUp();
  await offer("task/1");
  await offer("task/2");
  const order = newOrder();
  const first = await launcher.launch(order);
  clock.time += 2999;
  expect(await launcher.launch(order)).toEqual(first);
  expect(cold.launched).toEqual([]);
});

test("an order that was not claimed within three seconds is launched anew", async () => {
  const { launcher, offer, clock, cold } = setUp();
  await offer("task/1");
  const order = newOrder();
  await launcher.launch(order);
  clock.time += 3000;
  expect(await launcher.launch(order)).toEqual({ kind: "launched", taskArn: "task/memory/1" });
  expect(await launcher.launch(order)).toEqual({ kind: "launched", taskArn: "task/memory/1" });
  expect(cold.launched).toEqual([order]);
});

test("the order of a worker that is known to be gone is not waited for", async () => {
  const { launcher, offer, warm, cold } = setUp();
  await offer("task/1");
  const order = newOrder();
  await launcher.launch(order);
  await warm.close("t-a", "task/1");
  await launcher.launch(order);
  expect(cold.launched).toEqual([order]);
});

test("launches of one job at the same moment order one worker, those of several one each", async () => {
  const { launcher, offer, cold } = setUp();
  await offer("task/1");
  await offer("task/2", { until: START + 40_000 });
  const [one, other] = [newOrder(), newOrder()];
  const results = await Promise.all([one, one, one, other].map((each) => launcher.launch(each)));
  expect(results.map((result) => result.kind === "launched" && result.taskArn)).toEqual([
    "task/2",
    "task/2",
    "task/2",
    "task/1",
  ]);
  expect(cold.launched).toEqual([]);
  await launcher.launch(newOrder());
  expect(cold.launched).toHaveLength(1);
});

test("when warm workers can't be looked up another one is launched, and the failure is recorded", async () => {
  const { launcher, warm, cold, logger } = setUp();
  vi.spyOn(warm, "list").mockRejectedValue(new Error("throttled"));
  expect(await launcher.launch(newOrder())).toMatchObject({ kind: "launched" });
  expect(cold.launched).toHaveLength(1);
  expect(logger.error).toHaveBeenCalledOnce();
});
