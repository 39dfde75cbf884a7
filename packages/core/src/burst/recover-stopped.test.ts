import { expect, test, vi } from "vitest";
import { newId } from "../lib/id.ts";
import { MemoryEventLog } from "../testing/event-log-memory.ts";
import { MemoryJobStore } from "../testing/job-store-memory.ts";
import { MemoryLaunchQueue } from "../testing/launch-queue-memory.ts";
import { MemoryWorkerLauncher } from "../testing/launcher-memory.ts";
import { makeJob } from "../testing/make-job.ts";
import { MemoryWakeups } from "../testing/wakeups-memory.ts";
import { MemoryWarmWorkers } from "../testing/warm-workers-memory.ts";
import { makePrincipal } from "../testing/workspace-memory.ts";
import { launchWorker } from "./launch.ts";
import { recoverStopped } from "./recover-stopped.ts";
import { WarmFirstLauncher } from "./warm-first-launcher.ts";

const NOW = 1_000_000;
const WORKER = "task/1";

async function setUp() {
  const clock = { now: () => NOW, sleep: () => Promise.resolve() };
  const jobs = new MemoryJobStore(clock);
  const [warm, cold] = [new MemoryWarmWorkers(), new MemoryWorkerLauncher()];
  const taskDefinition = "zenode-worker:7";
  const logger = { error: () => undefined };
  const launcher = new WarmFirstLauncher({ warm, cold, clock, logger, taskDefinition });
  const [queue, wakeups] = [new MemoryLaunchQueue(), new MemoryWakeups()];
  const ports = { jobs, log: new MemoryEventLog(clock), launcher, queue, wakeups, clock, warm };
  const principal = makePrincipal();
  const { tenant } = principal;
  const queued = async () => {
    const id = newId("task");
    await jobs.create(makeJob({ id }, principal, NOW));
    return id;
  };
  const claim = (id: Awaited<ReturnType<typeof queued>>, worker = WORKER) =>
    jobs.claim(tenant, id, { worker, leaseUntil: NOW + 15_000, now: NOW });
  const first = await queued();
  await claim(first);
  const lease = { tenant, id: first, fence: 1 };
  const outcome = { kind: "error", code: "x", message: "x" } as const;
  await jobs.finish(lease, { state: "failed", outcome }, NOW);
  await warm.offer(tenant, {
    worker: WORKER,
    cpu: 1024,
    memoryMb: 2048,
    taskDefinition,
    until: NOW + 30_000,
    number: 1,
  });
  const stopped = (by: { readonly endedItself?: true } = {}) =>
    recoverStopped(ports, { tenant, id: first, taskArn: WORKER, ...by });
  return { warm, cold, jobs, tenant, first, queued, claim, launcher, ports, stopped };
}

test("a worker that was killed while it waited leaves nothing that could swallow a job", async () => {
  const { warm, cold, tenant, first, queued, launcher, stopped } = await setUp();
  expect([...(await stopped())]).toEqual([[first, "leave"]]);
  expect(await warm.list(tenant)).toEqual([]);
  const id = await queued();
  await launcher.launch({ tenant, id, token: "t" });
  expect(cold.launched).toHaveLength(1);
});

test("what it was ordered and had not claimed gets another worker at once, repeats or not", async () => {
  const { warm, cold, jobs, tenant, first, queued, launcher, stopped } = await setUp();
  const id = await queued();
  await launcher.launch({ tenant, id, token: "t" });
  expect(cold.launched).toEqual([]);
  expect([...(await stopped())]).toEqual([
    [first, "leave"],
    [id, "launch"],
  ]);
  expect(cold.launched).toMatchObject([{ id, tenant }]);
  expect(await jobs.get(tenant, id)).toMatchObject({ state: "queued", attempts: 1 });
  await stopped();
  expect(cold.launched).toHaveLength(1);
  expect(await warm.list(tenant)).toEqual([]);
});

test("what it held is taken back at once", async () => {
  const { cold, jobs, tenant, queued, claim, launcher, stopped } = await setUp();
  const id = await queued();
  await launcher.launch({ tenant, id, token: "t" });
  await claim(id);
  expect((await stopped()).get(id)).toBe("requeue");
  expect(cold.launched).toMatchObject([{ id }]);
  expect(await jobs.get(tenant, id)).toMatchObject({ state: "queued", attempts: 1 });
});

test("a recovery that broke off is carried out by its repeat", async () => {
  const { warm, cold, jobs, tenant, queued, launcher, stopped } = await setUp();
  const id = await queued();
  await launcher.launch({ tenant, id, token: "t" });
  vi.spyOn(jobs, "get").mockRejectedValueOnce(new Error("down"));
  const asked = stopped();
  await expect(asked).rejects.toThrow("down");
  expect(await warm.get(tenant, WORKER)).toMatchObject({ until: 0, order: { job: id } });
  await stopped();
  expect(cold.launched).toMatchObject([{ id }]);
});

/** A job whose first worker gave it up, waited, and left, while the next ones came and went. */
async function comeAndGone(taskArn: string) {
  const { queued, claim, jobs, tenant, cold, ports } = await setUp();
  const id = await queued();
  for (const worker of [WORKER, "task/2"]) {
    await claim(id, worker);
    const fence = (await jobs.get(tenant, id))?.fence ?? 0;
    await jobs.release({ tenant, id, fence }, NOW);
  }
  const job = await jobs.get(tenant, id);
  if (!job) throw new Error("The job is there.");
  // Its third worker is on its way.
  await launchWorker({ jobs, launcher: cold, clock: ports.clock }, job);
  const ended = (by: { readonly endedItself?: true }) =>
    recoverStopped(ports, { tenant, id, taskArn, ...by });
  return { ended, state: () => jobs.get(tenant, id), cold, id };
}

test("a worker that leaves by itself was not lost on its way to the job it was launched for", async () => {
  const { ended, state, cold, id } = await comeAndGone(WORKER);
  expect((await ended({ endedItself: true })).get(id)).toBe("leave");
  expect(await state()).toMatchObject({ state: "queued", attempts: 2 });
  expect(cold.launched).toHaveLength(1);
});

test("a worker that was killed before it asked for its job was lost", async () => {
  const { ended, state, id } = await comeAndGone("task/3");
  await ended({});
  expect((await state())?.attempts, id).toBe(3);
});

test("what a worker that left by itself was ordered, and did not take, another one gets at once", async () => {
  const { warm, cold, tenant, queued, launcher, stopped } = await setUp();
  const id = await queued();
  await launcher.launch({ tenant, id, token: "t" });
  await stopped({ endedItself: true });
  expect(cold.launched).toMatchObject([{ id }]);
  expect(await warm.list(tenant)).toEqual([]);
});
