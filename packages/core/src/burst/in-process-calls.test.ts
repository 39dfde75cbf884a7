import { beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import type { Clock } from "../lib/clock.ts";
import { HOUR } from "../lib/duration.ts";
import { RefusedError } from "../lib/error.ts";
import type { StoredEvent } from "../log/event-log.ts";
import { makePrincipal } from "../testing/workspace-memory.ts";
import { defineTool, type ToolRun } from "../tool/define-tool.ts";
import { ToolRegistry } from "../tool/registry.ts";
import { text } from "../tool/tool-result.ts";
import type { Projects } from "../workspace/projects.ts";
import type { CallService, ToolCall } from "./call-service.ts";
import { createInProcessCalls } from "./in-process-calls.ts";
import type { Job } from "./job.ts";

let now: number;
let reported: unknown[];
let disposed: number;
let ending: AbortController;
let calls: CallService;

/** Time stands still; only an abort ends a wait. */
const clock: Clock = {
  now: () => now,
  sleep: (_, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      signal?.addEventListener("abort", () => resolve());
    }),
};

/** Counts how often it ran, and waits until it is told to stop when asked to. */
const counted = defineTool({
  name: "counted",
  title: "Counted",
  description: "",
  input: z.object({ n: z.number(), wait: z.boolean().default(false) }),
  annotations: {},
  scope: "read",
  placement: { kind: "lambda" },
  limits: { timeoutMs: HOUR },
  load:
    async () =>
    async ({ n, wait }, { signal }) => {
      ran.push(n);
      if (wait) await clock.sleep(HOUR, signal);
      return text(`${n}${signal.aborted ? " stopped" : ""}`);
    },
});
let ran: number[];

beforeEach(() => {
  ran = [];
  now = 1_000_000;
  reported = [];
  disposed = 0;
  ending = new AbortController();
  calls = createInProcessCalls({
    clock,
    registry: new ToolRegistry([counted]),
    projects: () => ({}) as Projects,
    computer: async () => ({
      ripgrep: "/rg",
      start: () => {
        throw new Error("unused");
      },
      checkout: async () => ({ folder: "/folder", snapshot: 1 }),
      dispose: async () => {
        disposed += 1;
      },
    }),
    report: (error) => reported.push(error),
    signal: ending.signal,
  });
});

function callOf(run: ToolRun<object>, sent: object = {}, placement = "fargate" as const): ToolCall {
  const tool = defineTool({
    name: "crunch",
    title: "Crunch",
    description: "",
    input: z.object({}),
    annotations: {},
    scope: "read",
    placement: { kind: placement },
    limits: { timeoutMs: HOUR },
    load: async () => run,
  });
  return {
    tool,
    principal: makePrincipal(),
    input: sent,
    sent,
    deadline: now + HOUR,
    asks: ["roots"],
  };
}

async function start(call: ToolCall): Promise<Job> {
  const placed = await calls.place(call);
  if (placed.kind !== "burst") throw new Error("It is to be a job.");
  return placed.job;
}

async function followed(job: Job): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const event of calls.follow(job, 0, new AbortController().signal)) events.push(event);
  return events;
}

function current(job: Job): Promise<Job | undefined> {
  return calls.job(job.principal.tenant, job.id);
}

const untilStopped: ToolRun<object> = async (_, { signal }) => {
  await clock.sleep(HOUR, signal);
  return text("stopped");
};

describe("a call for a worker", () => {
  test("runs beside the rest, on the machine, and tells how far it is", async () => {
    const job = await start(
      callOf(async (_, { computer, progress, log }) => {
        progress(1, 2, "half");
        log("info", "between");
        progress(2, 2);
        return text((await computer?.checkout("app"))?.folder ?? "");
      }),
    );
    expect(job).toMatchObject({ state: "running", tool: "crunch", expiresAt: now + HOUR });
    expect((await followed(job)).map(({ number, kind, data }) => [number, kind, data])).toEqual([
      [1, "progress", { progress: 1, total: 2, message: "half" }],
      [2, "log", { level: "info", data: "between" }],
      [3, "progress", { progress: 2, total: 2 }],
      [4, "end", { state: "completed" }],
    ]);
    expect(await current(job)).toMatchObject({
      state: "completed",
      outcome: { kind: "result", result: text("/folder") },
    });
    expect(disposed).toBe(1);
    expect((await followed(job)).length).toBe(4);
  });

  test("is found again while it runs, and anew once it has ended", async () => {
    const call = callOf(untilStopped, { a: 1 });
    const first = await start(call);
    expect((await start(call)).id).toBe(first.id);
    expect((await start(callOf(untilStopped, { a: 2 }))).id).not.toBe(first.id);
    await calls.cancel(first.principal.tenant, first.id);
    await followed(first);
    expect((await start(call)).id).not.toBe(first.id);
  });

  test("that is cancelled stops, and says so", async () => {
    const job = await start(callOf(untilStopped));
    const asked = await calls.cancel(job.principal.tenant, job.id);
    expect(asked).toMatchObject({ state: "running", cancelRequested: true });
    expect((await followed(job)).at(-1)).toMatchObject({ data: { state: "cancelled" } });
    expect(await current(job)).toMatchObject({ state: "cancelled" });
    expect(await calls.cancel(job.principal.tenant, job.id)).toMatchObject({ state: "cancelled" });
    expect(disposed).toBe(1);
  });

  test("that fails tells its caller nothing of why, and the process everything", async () => {
    const job = await start(callOf(() => Promise.reject(new TypeError("secret"))));
    await followed(job);
    expect(await current(job)).toMatchObject({ state: "failed", outcome: { code: "internal" } });
    expect(JSON.stringify(await current(job))).not.toContain("secret");
    expect(reported).toEqual([new TypeError("secret")]);
  });

  test("that is refused has a result", async () => {
    const job = await start(
      callOf(() => Promise.reject(new RefusedError("not_found", "No file."))),
    );
    await followed(job);
    expect(await current(job)).toMatchObject({
      state: "completed",
      outcome: { result: { isError: true } },
    });
    expect(reported).toEqual([]);
  });

  test("stops with its process", async () => {
    const job = await start(callOf(untilStopped));
    ending.abort();
    await followed(job);
    expect(disposed).toBe(1);
  });

  test("is nobody else's", async () => {
    const job = await start(callOf(untilStopped));
    expect(await calls.job("u-eve", job.id)).toBeUndefined();
    expect(await calls.cancel("u-eve", job.id)).toBeUndefined();
    const foreign = { ...job, principal: makePrincipal({ tenant: "u-eve" }) };
    expect(await followed(foreign)).toEqual([]);
    ending.abort();
  });

  test("is forgotten once its time is over", async () => {
    const job = await start(callOf(async () => text("done")));
    await followed(job);
    now += HOUR;
    await followed(await start(callOf(async () => text("done"))));
    expect(await current(job)).toBeUndefined();
  });

  test("that nobody follows any longer goes on", async () => {
    const go = Promise.withResolvers<void>();
    const job = await start(
      callOf(async () => {
        await go.promise;
        return text("done");
      }),
    );
    const left = new AbortController();
    const following = calls.follow(job, 0, left.signal)[Symbol.asyncIterator]();
    const next = following.next();
    left.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    go.resolve();
    expect((await followed(job)).at(-1)).toMatchObject({ data: { state: "completed" } });
  });
});

test("arguments over the tool's limit are refused", async () => {
  const call = callOf(untilStopped, { text: "x".repeat(300_000) });
  await expect(calls.place(call)).rejects.toMatchObject({ code: "too_large" });
});

test("a quick call runs without the machine", async () => {
  const call = callOf(async (_, { computer }) => text(String(computer)));
  const placed = await calls.place({
    ...call,
    tool: { ...call.tool, placement: { kind: "lambda" } },
  });
  if (placed.kind !== "here") throw new Error("It is to run here.");
  const silent = {
    progress: () => undefined,
    log: () => undefined,
    ask: () => Promise.reject(new Error("asked")),
    answered: [],
    isWaiting: false,
  };
  const ended = await placed.run(silent, new AbortController().signal);
  expect(ended).toEqual({ kind: "result", result: text("undefined") });
});

test("a job asks, waits for all its answers, and keeps the first one of each", async () => {
  const roots = { method: "roots/list" } as const;
  const job = await start(
    callOf(async (_, { ask }) => {
      const found = await Promise.all([ask(roots), ask(roots)]);
      return text(found.map((answer) => answer.roots.length).join());
    }),
  );
  const look = () => calls.job(job.principal.tenant, job.id);
  const answer = (answers: object) =>
    calls.answer(job.principal.tenant, job.id, answers as Record<string, never>);
  const events = calls.follow(job, 0, new AbortController().signal)[Symbol.asyncIterator]();
  expect((await events.next()).value).toMatchObject({ kind: "input_required" });
  expect(await look()).toMatchObject({
    state: "input_required",
    inputs: [{ key: "ask-1" }, { key: "ask-2" }],
  });
  expect(await answer({ "ask-1": { roots: [] }, other: {} })).toMatchObject({
    state: "input_required",
  });
  await expect(answer({ "ask-2": { roots: "all" } })).rejects.toMatchObject({
    code: "invalid_input",
  });
  await answer({
    "ask-1": { roots: [{ uri: "file:///late" }] },
    "ask-2": { roots: [{ uri: "file:///b" }] },
  });
  await followed(job);
  expect(await look()).toMatchObject({
    state: "completed",
    inputs: [],
    outcome: { result: text("0,1") },
  });
});

test("a job asks nothing that its client did not declare", async () => {
  const params = { mode: "url", message: "Sign in", url: "https://example.test" } as const;
  const job = await start(
    callOf(async (_, { ask }) => {
      await ask({ method: "elicitation/create", params });
      return text("asked");
    }),
  );
  await followed(job);
  const after = await calls.job(job.principal.tenant, job.id);
  expect(after).toMatchObject({ state: "completed", outcome: { result: { isError: true } } });
});

describe("a job's children", () => {
  const spread =
    (items: readonly (number | string)[], plan: object = {}): ToolRun<object> =>
    async (_, { children }) => {
      const input = (n: number | string) => ({ n, wait: n === 7 });
      const ends = children?.map(items, { tool: "counted", input, ...plan }) ?? [];
      const told: unknown[] = [];
      for await (const end of ends) {
        told.push(end.kind === "result" ? end.result.content : end.code);
      }
      return text(JSON.stringify(told.flat()));
    };
  const said = (value: string) => ({ type: "text", text: value });

  test("run beside it, and give their ends in the order of the items", async () => {
    const job = await start(callOf(spread([1, "no number", 3])));
    await followed(job);
    const told = JSON.stringify([said("1"), "invalid_input", said("3")]);
    expect(await current(job)).toMatchObject({ outcome: { result: text(told) } });
    expect(disposed).toBe(3);
  });

  test("are cancelled with it", async () => {
    const job = await start(callOf(spread([1, 7, 2], { parallel: 1 })));
    while (ran.length < 2) await new Promise(setImmediate);
    await calls.cancel(job.principal.tenant, job.id);
    await followed(job);
    expect(await current(job)).toMatchObject({ state: "cancelled" });
    while (disposed < 3) await new Promise(setImmediate);
    expect(ran).toEqual([1, 7]);
  });

  test("that it leaves at work are cancelled when it has ended", async () => {
    const job = await start(
      callOf(async (_, { children }) => {
        const ends = children?.map([7, 7], { tool: "counted", input: (n) => ({ n, wait: true }) });
        void ends?.[Symbol.asyncIterator]()
          .next()
          .catch(() => undefined);
        while (ran.length < 2) await new Promise(setImmediate);
        return text("left");
      }),
    );
    await followed(job);
    expect(await current(job)).toMatchObject({ outcome: { result: text("left") } });
    while (disposed < 3) await new Promise(setImmediate);
  });
});
