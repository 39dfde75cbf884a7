import {
  defineTool,
  InProcessResults,
  type Job,
  jobStream,
  type Principal,
  type Projects,
  type ToolContext,
  ToolRegistry,
  text,
  UnavailableError,
} from "@zenode/core";
import {
  MemoryEventLog,
  MemoryJobStore,
  MemoryLaunchQueue,
  MemoryWakeups,
  MemoryWorkerLauncher,
  makeJob,
} from "@zenode/core/testing";
import { expect, test, vi } from "vitest";
import * as z from "zod";
import { runJob, type WorkerPorts } from "./run-job.ts";

const principal: Principal = {
  tenant: "t-a",
  subject: "ann",
  username: "ann",
  clientId: "cli",
  issuer: "https://issuer",
  scopes: new Set(["read"]),
  expiresAt: 1e15,
};

/** Time stands still; a sleep ends with its signal or when the test wakes it. */
function stillClock() {
  const wakes = new Set<() => void>();
  return {
    now: () => 1_000_000,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        if (ms < 100 || signal?.aborted) return resolve();
        wakes.add(resolve);
        signal?.addEventListener("abort", () => resolve());
      }),
    wake: () => {
      for (const wake of wakes) wake();
    },
  };
}

type Run = (
  input: { n: number },
  context: ToolContext,
) => ReturnType<Awaited<ReturnType<ReturnType<typeof tool>["load"]>>>;

function tool(
  run: (input: { n: number }, context: ToolContext) => Promise<ReturnType<typeof text>>,
) {
  return defineTool({
    name: "probe",
    title: "Probe",
    description: "For tests.",
    input: z.object({ n: z.number() }),
    annotations: {},
    scope: "read",
    placement: { kind: "fargate" },
    limits: { timeoutMs: 60_000 },
    load: async () => run,
  });
}

async function setUp(run: Run, input: unknown = { n: 1 }) {
  const clock = stillClock();
  const jobs = new MemoryJobStore(clock);
  const log = new MemoryEventLog(clock);
  const dispose = vi.fn(async () => undefined);
  const logger = { info: vi.fn(), error: vi.fn() };
  const ports: WorkerPorts = {
    worker: "task/1",
    graceMs: 20_000,
    askPatienceMs: 45_000,
    logger,
    jobs,
    results: new InProcessResults(),
    log,
    clock,
    registry: new ToolRegistry([tool(run)]),
    launcher: new MemoryWorkerLauncher(),
    queue: new MemoryLaunchQueue(),
    wakeups: new MemoryWakeups(),
    projects: () => ({}) as Projects,
    computer: async () => ({
      ripgrep: "/rg",
      start: () => {
        throw new Error("unused");
      },
      checkout: () => Promise.reject(new Error("unused")),
      dispose,
    }),
  };
  const job: Job = makeJob(
    { tool: "probe", input: input as Job["input"], asks: ["roots"] },
    principal,
    1_000_000,
  );
  await jobs.create(job);
  const order = { tenant: "t-a", id: job.id };
  const kinds = async () => (await log.readAfter(jobStream(job), 0)).map(({ kind }) => kind);
  return { ports, jobs, clock, order, kinds, dispose, logger };
}

const never = new AbortController().signal;

test("a job ends once: outcome, then the log's end", async () => {
  const { ports, jobs, order, kinds, dispose } = await setUp(async ({ n }, { progress }) => {
    progress(1, 2, "half");
    return text(`n is ${n}`);
  });
  expect(await runJob(ports, order, never)).toBe("completed");
  expect(await jobs.get("t-a", order.id)).toMatchObject({
    state: "completed",
    attempts: 1,
    outcome: { kind: "result", result: text("n is 1") },
  });
  expect(await kinds()).toEqual(["started", "progress", "end"]);
  expect(dispose).toHaveBeenCalledOnce();
  expect(await runJob(ports, order, never)).toBe("not-claimed");
});

test("a tool that breaks fails the job without its innards", async () => {
  const { ports, jobs, order, logger } = await setUp(async () => {
    throw new TypeError("secret path /x");
  });
  expect(await runJob(ports, order, never)).toBe("failed");
  expect(JSON.stringify(await jobs.get("t-a", order.id))).not.toContain("secret");
  expect(logger.error.mock.calls.join()).toContain("secret path");
});

test("a service that can't be reached costs an attempt, the last of which fails the job", async () => {
  const { ports, jobs, order } = await setUp(async () => {
    throw new UnavailableError("S3 is away");
  });
  const work = () => runJob(ports, order, never);
  const launcher = ports.launcher as MemoryWorkerLauncher;
  const { take } = ports.wakeups as MemoryWakeups;
  expect(await work()).toBe("given-back");
  // Another worker at once after the first loss, and after a rest after the second.
  expect(launcher.launched).toHaveLength(1);
  expect(await work()).toBe("given-back");
  expect(take.call(ports.wakeups)).toMatchObject([
    { wakeup: { kind: "retry", id: order.id }, afterSeconds: 10 },
  ]);
  expect(await work()).toBe("failed");
  expect(await jobs.get("t-a", order.id)).toMatchObject({ state: "failed", attempts: 3 });
});

test("arguments are checked again before the tool runs", async () => {
  const run = vi.fn(async () => text(""));
  const { ports, jobs, order } = await setUp(run, { n: "many" });
  expect(await runJob(ports, order, never)).toBe("failed");
  expect(run).not.toHaveBeenCalled();
  expect(await jobs.get("t-a", order.id)).toMatchObject({ outcome: { code: "invalid_input" } });
});

test("SIGTERM gives the job back to the queue", async () => {
  const shutdown = new AbortController();
  const { ports, jobs, order, dispose } = await setUp(
    (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        queueMicrotask(() => shutdown.abort("shutdown"));
      }),
  );
  expect(await runJob(ports, order, shutdown.signal)).toBe("given-back");
  expect(await jobs.get("t-a", order.id)).toMatchObject({ state: "queued", attempts: 1 });
  expect(dispose).toHaveBeenCalledOnce();
});

test("what was told before a checkpoint is in the log before it: no death in between leaves a gap", async () => {
  const { ports, jobs, order, kinds } = await setUp(async (_, { progress, checkpoint }) => {
    progress(1, 1, "all of it");
    await checkpoint(1);
    return text("done");
  });
  const told: string[][] = [];
  const keep = jobs.checkpoint.bind(jobs);
  vi.spyOn(jobs, "checkpoint").mockImplementation(async (...given) => {
    told.push(await kinds());
    return keep(...given);
  });
  expect(await runJob(ports, order, never)).toBe("completed");
  expect(told).toEqual([["started", "progress"]]);
});

test("an interrupted tool makes a checkpoint, and the next worker's goes on from it", async () => {
  const shutdown = new AbortController();
  const resumed: unknown[] = [];
  const { ports, jobs, order } = await setUp(async (_, context) => {
    resumed.push(context.resumed);
    if (context.resumed !== undefined) return text(`resumed at ${context.resumed}`);
    shutdown.abort("shutdown");
    await context.checkpoint(41);
    context.signal.throwIfAborted();
    return text("unreachable");
  });
  expect(await runJob(ports, order, shutdown.signal)).toBe("given-back");
  expect(await jobs.get("t-a", order.id)).toMatchObject({ state: "queued", attemptsAtProgress: 1 });
  expect(await runJob(ports, order, never)).toBe("completed");
  expect(resumed).toEqual([undefined, 41]);
  expect(await jobs.get("t-a", order.id)).toMatchObject({
    outcome: { result: text("resumed at 41") },
  });
});

test("a question that nobody answers frees the worker; the next one's tool has the answer", async () => {
  const roots = { method: "roots/list" } as const;
  const setting = await setUp(async (_, { ask }) => {
    const asked = ask(roots);
    // The patience is over once the question has been stored.
    setImmediate(() => setting.clock.wake());
    return text(`${(await asked).roots.length} roots`);
  });
  const { ports, jobs, order, dispose } = setting;
  expect(await runJob(ports, order, never)).toBe("parked");
  expect(dispose).toHaveBeenCalledOnce();
  expect(await runJob(ports, order, never)).toBe("not-claimed");
  const key = (await jobs.get("t-a", order.id))?.inputs[0]?.key ?? "";
  await jobs.answer("t-a", order.id, { [key]: { roots: [] } }, 1_000_000);
  expect(await runJob(ports, order, never)).toBe("completed");
  expect(await jobs.get("t-a", order.id)).toMatchObject({ outcome: { result: text("0 roots") } });
});

test("a cancelled job stops and says so", async () => {
  const setting = await setUp(
    (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        void setting.jobs
          .cancel("t-a", setting.order.id, 1_000_000)
          .then(() => setting.clock.wake());
      }),
  );
  expect(await runJob(setting.ports, setting.order, never)).toBe("cancelled");
  expect(await setting.jobs.get("t-a", setting.order.id)).toMatchObject({ state: "cancelled" });
  expect(await setting.kinds()).toEqual(["started", "end"]);
});

test("a worker whose lease was taken writes no outcome", async () => {
  const setting = await setUp(async () => {
    const current = await setting.jobs.get("t-a", setting.order.id);
    const lease = { ...setting.order, fence: current?.fence ?? 0 };
    await setting.jobs.expire(lease, undefined, 1_000_000);
    return text("late");
  });
  expect(await runJob(setting.ports, setting.order, never)).toBe("lease-lost");
  expect(await setting.jobs.get("t-a", setting.order.id)).toMatchObject({ state: "queued" });
});
