import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  defineTool,
  InProcessResults,
  type Job,
  type Projects,
  type ToolContext,
  ToolRegistry,
  text,
} from "@zenode/core";
import {
  MemoryEventLog,
  MemoryJobStore,
  MemoryLaunchQueue,
  MemoryWakeups,
  MemoryWarmWorkers,
  MemoryWorkerLauncher,
  makeJob,
  makePrincipal,
} from "@zenode/core/testing";
import { expect, test, vi } from "vitest";
import * as z from "zod";
import { workLoop } from "./work-loop.ts";

const START = 1_000_000;
const TENANT = makePrincipal().tenant;
const WORKER = "task/1";

type Run = (context: ToolContext) => Promise<ReturnType<typeof text>>;

const newJob = (subject = "ann") => makeJob({ tool: "probe" }, { subject }, START);

/** A worker whose tenant orders the given jobs, one after the other, each when it waits. */
function setUp(jobs: readonly Job[], run: Run, lingerMs = 20_000) {
  let time = START;
  const clock = {
    now: () => time,
    sleep: async (ms: number, signal?: AbortSignal) => {
      // What beats, or waits for the tool's time to be over, sleeps longer than a look or a write takes.
      if (ms < 1000 || signal?.aborted) {
        if (ms < 1000) time += ms;
        return new Promise<void>((resolve) => setImmediate(resolve));
      }
      return new Promise<void>((resolve) => {
        sleeping.push({ ms, wake: resolve });
        signal?.addEventListener("abort", () => resolve(), { once: true });
      });
    },
  };
  const sleeping: { readonly ms: number; readonly wake: () => void }[] = [];
  /** Wakes the heartbeat (1.5 s), or also what ends the tool (60 s). */
  const wake = (upToMs: number) => {
    for (const { ms, wake } of sleeping.splice(0)) if (ms <= upToMs) wake();
  };
  const warm = new MemoryWarmWorkers();
  const waiting = [...jobs];
  const first = waiting.shift() as Job;
  const offer = warm.offer.bind(warm);
  const offers = vi.spyOn(warm, "offer").mockImplementation(async (tenant, made) => {
    await offer(tenant, made);
    const next = waiting.shift();
    if (next) await warm.order(tenant, WORKER, { job: next.id, orderedAt: time });
  });
  const tool = defineTool({
    name: "probe",
    title: "Probe",
    description: "For tests.",
    input: z.object({}),
    annotations: {},
    scope: "read",
    placement: { kind: "fargate" },
    limits: { timeoutMs: 60_000 },
    load: async () => async (_input, context) => run(context),
  });
  const logger = { info: vi.fn(), error: vi.fn() };
  const stores = new Map<string, MemoryJobStore>();
  const cleanUp = vi.fn(() => Promise.resolve());
  const pending = [...jobs];
  const forJob = () => {
    // Stores of its own for each job: what is kept of one is kept by the worker.
    const jobs = new MemoryJobStore(clock);
    const job = pending.shift() as Job;
    void jobs.create(job);
    stores.set(job.id, jobs);
    return {
      worker: WORKER,
      graceMs: 0,
      askPatienceMs: 45_000,
      jobs,
      results: new InProcessResults(),
      launcher: new MemoryWorkerLauncher(),
      queue: new MemoryLaunchQueue(),
      wakeups: new MemoryWakeups(),
      log: new MemoryEventLog(clock),
      clock,
      logger,
      registry: new ToolRegistry([tool]),
      projects: () => ({}) as Projects,
      computer: async () => ({
        ripgrep: "/rg",
        start: () => {
          throw new Error("unused");
        },
        checkout: () => Promise.reject(new Error("unused")),
        dispose: () => Promise.resolve(),
      }),
    };
  };
  const shutdown = new AbortController();
  const task = {
    arn: WORKER,
    cluster: "zenode",
    taskDefinition: "zenode-worker:7",
    cpu: 1024,
    memoryMb: 2048,
  };
  const ports = { task, warm, clock, logger, billedSince: START, lingerMs, forJob, cleanUp };
  const work = () => workLoop(ports, { tenant: TENANT, id: first.id }, shutdown.signal);
  const states = () =>
    Promise.all(jobs.map(async ({ id }) => (await stores.get(id)?.get(TENANT, id))?.state));
  return { work, states, warm, offers, cleanUp, shutdown, stores, wake };
}

test("a worker runs what its tenant orders, each job for whoever called, and then ends", async () => {
  const callers: string[] = [];
  const jobs = [newJob("ann"), newJob("bob"), newJob("ann")];
  const { work, states, warm, offers, cleanUp } = setUp(jobs, async ({ principal }) => {
    callers.push(principal.subject);
    return text("done");
  });
  await work();
  expect(callers).toEqual(["ann", "bob", "ann"]);
  expect(await states()).toEqual(["completed", "completed", "completed"]);
  expect(offers.mock.calls.map(([, { number }]) => number)).toEqual([1, 2, 3]);
  expect(cleanUp).toHaveBeenCalledTimes(3);
  expect(await warm.list(TENANT)).toEqual([]);
});

test("a worker that is told not to linger runs its job and offers nothing", async () => {
  const { work, states, offers } = setUp([newJob()], async () => text("done"), 0);
  await work();
  expect(await states()).toEqual(["completed"]);
  expect(offers).not.toHaveBeenCalled();
});

test("a worker whose job was cancelled goes on, when its tool has heeded it", async () => {
  const jobs = [newJob(), newJob()];
  const setting = setUp(jobs, async ({ signal }) => {
    if (setting.stores.size === 2) return text("done");
    const [id] = setting.stores.keys();
    await setting.stores.get(id ?? "")?.cancel(TENANT, id as Job["id"], START);
    const aborted = new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    setting.wake(1500);
    await aborted;
    return text("late");
  });
  await setting.work();
  expect(await setting.states()).toEqual(["cancelled", "completed"]);
});

test("a worker whose tool runs on after its time takes no other job", async () => {
  const setting = setUp([newJob(), newJob()], () => {
    queueMicrotask(() => setting.wake(60_000));
    return new Promise(() => undefined);
  });
  await setting.work();
  expect(await setting.states()).toEqual(["completed", undefined]);
  expect(setting.offers).not.toHaveBeenCalled();
});

test("SIGTERM during a job gives it back and leaves its entry for the reaper", async () => {
  const jobs = [newJob(), newJob()];
  const setting = setUp(jobs, async ({ signal }) => {
    if (setting.stores.size === 1) return text("done");
    setting.shutdown.abort("shutdown");
    signal.throwIfAborted();
    return text("late");
  });
  await setting.work();
  expect(await setting.states()).toEqual(["completed", "queued"]);
  expect(await setting.warm.get(TENANT, WORKER)).toMatchObject({ order: { job: jobs[1]?.id } });
});

test("what can't be cleaned up after is no place for another job", async () => {
  const { work, offers, cleanUp } = setUp([newJob(), newJob()], async () => text("done"));
  cleanUp.mockRejectedValue(new Error("a process stays"));
  await expect(work()).rejects.toThrow("a process stays");
  expect(offers).not.toHaveBeenCalled();
});

test("nothing of a job can be reached when fifty have run in one worker", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const seen: WeakRef<object>[] = [];
  const jobs = Array.from({ length: 50 }, () => newJob());
  const { work, states, stores } = setUp(jobs, async (context) => {
    seen.push(new WeakRef(context), new WeakRef(context.principal), new WeakRef(context.signal));
    return text("x".repeat(1000));
  });
  await work();
  expect(new Set(await states())).toEqual(new Set(["completed"]));
  stores.clear();
  await new Promise(setImmediate);
  collect();
  expect(seen).toHaveLength(150);
  expect(seen.filter((each) => each.deref() !== undefined)).toEqual([]);
});
