import { setTimeout as delay } from "node:timers/promises";
import { beforeEach, expect, test } from "vitest";
import * as z from "zod";
import { MemoryEventLog } from "../testing/event-log-memory.ts";
import { MemoryJobStore } from "../testing/job-store-memory.ts";
import { MemoryLaunchQueue } from "../testing/launch-queue-memory.ts";
import { MemoryWorkerLauncher } from "../testing/launcher-memory.ts";
import { makeJob } from "../testing/make-job.ts";
import { MemoryWakeups } from "../testing/wakeups-memory.ts";
import { makePrincipal } from "../testing/workspace-memory.ts";
import type { ChildEnd, ChildPlan } from "../tool/children.ts";
import { defineTool } from "../tool/define-tool.ts";
import { ToolRegistry } from "../tool/registry.ts";
import { text } from "../tool/tool-result.ts";
import { MAX_ATTEMPTS } from "./attempts-policy.ts";
import { cancelJob } from "./cancel-job.ts";
import { MAX_CHILDREN } from "./child-maps.ts";
import { childrenStream, type Job, type JobId } from "./job.ts";
import { JobChildren } from "./job-children.ts";
import { recoverJob } from "./recover.ts";
import { tellParent } from "./tell-parent.ts";

const TENANT = "u-ada";
const PARENT = `task_${"0".repeat(32)}` as const;
const principal = makePrincipal();

const define = (name: string, scope: "read" | "admin") =>
  defineTool({
    name,
    title: name,
    description: "",
    input: z.object({ n: z.number() }),
    annotations: {},
    scope,
    placement: { kind: "lambda" },
    limits: { timeoutMs: 1000 },
    load: async () => async () => text("never here"),
  });
const registry = new ToolRegistry([define("shard", "read"), define("secret", "admin")]);

/** Time passes only by sleeping, a thousand times as fast at most: what is done beside it comes about in time. */
let time: number;
const clock = {
  now: () => time,
  sleep: async (ms: number) => {
    await delay(ms / 1000);
    time += ms;
  },
};
let jobs: MemoryJobStore;
let log: MemoryEventLog;
let launcher: MemoryWorkerLauncher;
let ports: ConstructorParameters<typeof JobChildren>[0];
let stopping: AbortController;

beforeEach(async () => {
  time = 1_000_000;
  jobs = new MemoryJobStore(clock);
  log = new MemoryEventLog(clock);
  launcher = new MemoryWorkerLauncher();
  const [queue, wakeups] = [new MemoryLaunchQueue(), new MemoryWakeups()];
  ports = { jobs, log, launcher, queue, wakeups, clock, registry };
  stopping = new AbortController();
  await jobs.create(
    makeJob(
      { id: PARENT, tool: "spread", asks: ["form"], expiresAt: time + 10_000_000 },
      principal,
      time,
    ),
  );
});

const claim = async (id: JobId, leaseMs = 10_000_000) =>
  (await jobs.claim(TENANT, id, { worker: "w", leaseUntil: time + leaseMs, now: time })) as Job;
const children = async (parent?: Job) =>
  new JobChildren(ports, parent ?? (await claim(PARENT)), stopping.signal);
const plan: ChildPlan<number> = { tool: "shard", input: (n) => ({ n }) };
const launched = () => [...new Set(launcher.launched.map(({ id }) => id))];

/** The children by level and item: they are made at the same time, so which is launched first is nobody's promise. */
async function inOrder(): Promise<readonly JobId[]> {
  const made = await Promise.all(launched().map((id) => jobs.get(TENANT, id)));
  const placeOf = (job: Job | undefined) =>
    1000 * (job?.parent?.depth ?? 0) + (job?.parent?.index ?? 0);
  return made.toSorted((a, b) => placeOf(a) - placeOf(b)).flatMap((job) => job?.id ?? []);
}

async function gather(ends: AsyncIterable<ChildEnd>): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const end of ends)
    all.push(end.kind === "result" ? JSON.stringify(end.result.content) : end.code);
  return all;
}

/** What a worker does with a child, here at once. `silent`: it dies before it can tell. */
async function work(id: JobId, silent = false): Promise<Job> {
  const child = await claim(id);
  const { n } = child.input as { n: number };
  const result = { content: [{ type: "text", text: `${n}` }] } as const;
  const lease = { tenant: TENANT, id, fence: child.fence };
  await jobs.finish(lease, { state: "completed", outcome: { kind: "result", result } }, time);
  if (!silent) await tellParent(log, child);
  return child;
}

const said = (n: number) => JSON.stringify([{ type: "text", text: `${n}` }]);

/** Works on whatever is launched, until told to stop. */
async function workOn(signal: AbortSignal, done: JobId[] = []): Promise<JobId[]> {
  while (!signal.aborted) {
    for (const id of launched().filter((one) => !done.includes(one))) {
      done.push(id);
      await work(id);
    }
    await new Promise(setImmediate);
  }
  return done;
}

async function until(met: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await met())) await new Promise(setImmediate);
}

test("children are jobs of the same caller that ask nothing; their ends come in order", async () => {
  const over = new AbortController();
  const working = workOn(over.signal);
  const told: number[] = [];
  const onResult = (_: ChildEnd, index: number) => told.push(index);
  const ends = await gather((await children()).map([5, 6, 7], { ...plan, onResult }));
  over.abort();
  expect(ends).toEqual([said(5), said(6), said(7)]);
  expect([...told].sort()).toEqual([0, 1, 2]);
  await working;
  const [first = PARENT] = await inOrder();
  expect(await jobs.get(TENANT, first)).toMatchObject({
    principal,
    tool: "shard",
    input: { n: 5 },
    asks: [],
    expiresAt: 11_000_000,
    parent: { id: PARENT, index: 0, depth: 1, after: 0 },
  });
});

test("at most `parallel` are at work at a time, and 16 of one parent in all", async () => {
  const parent = await children();
  const few = gather(parent.map([1, 2, 3], { ...plan, parallel: 2 }));
  await until(() => launched().length === 2);
  await clock.sleep(100);
  expect(launched()).toHaveLength(2);
  const many = gather(
    parent.map(
      Array.from({ length: 20 }, (_, n) => n),
      { ...plan, parallel: 16 },
    ),
  );
  await until(() => launched().length === 16);
  await clock.sleep(100);
  expect(launched()).toHaveLength(16);
  stopping.abort("enough");
  await expect(few).rejects.toBe("enough");
  await expect(many).rejects.toBe("enough");
});

test("another attempt finds the children of the first, at work and ended, and starts none again", async () => {
  const first = await children();
  const interrupted = gather(first.map([1, 2, 3], { ...plan, parallel: 2 }));
  await until(() => launched().length === 2);
  const [one = PARENT, two = PARENT] = await inOrder();
  await work(one);
  await until(() => launched().length === 3);
  stopping.abort("shutdown");
  await expect(interrupted).rejects.toBe("shutdown");
  await first.close();
  await jobs.release({ tenant: TENANT, id: PARENT, fence: 1 }, time);
  stopping = new AbortController();

  const three = (await inOrder())[2] ?? PARENT;
  await claim(two);
  const ends = gather((await children()).map([1, 2, 3], plan));
  await work(three);
  await jobs.expire({ tenant: TENANT, id: two, fence: 1 }, undefined, time);
  await work(two);
  expect(await ends).toEqual([said(1), said(2), said(3)]);
  expect(new Set(launched()).size).toBe(3);
  expect(await jobs.children(TENANT, PARENT)).toHaveLength(3);
  expect(await jobs.get(TENANT, one)).toMatchObject({ attempts: 1 });
});

test("other arguments, another step and another tool are other children", async () => {
  const over = new AbortController();
  const working = workOn(over.signal);
  const parent = await children();
  await gather(parent.map([1], plan));
  await gather(parent.map([1], plan));
  await gather(parent.map([2], { ...plan, step: 1 }));
  expect(await gather(parent.map([1], { ...plan, step: 1 }))).toEqual([said(1)]);
  over.abort();
  expect(await working).toHaveLength(3);
});

test("an end that nobody told is noticed, a lease run out is taken back", async () => {
  const parent = await children();
  const ends = gather(parent.map([1, 2], plan));
  await until(() => launched().length === 2);
  const [one = PARENT, two = PARENT] = await inOrder();
  await work(one, true);
  await claim(two, 15_000);
  await until(async () => (await jobs.get(TENANT, two))?.state === "queued");
  await work(two, true);
  expect(await ends).toEqual([said(1), said(2)]);
});

test("waiting costs one query at a time for all, ever less often", async () => {
  let reads = 0;
  const readAfter: MemoryEventLog["readAfter"] = (stream, after) => {
    reads += 1;
    return log.readAfter(stream, after);
  };
  ports = { ...ports, log: { append: log.append.bind(log), readAfter } };
  const ends = gather((await children()).map([1, 2, 3, 4], plan));
  await until(() => launched().length === 4);
  const begin = [time, reads] as const;
  await until(() => time > begin[0] + 60_000);
  expect(reads - begin[1]).toBeLessThan(80);
  stopping.abort("enough");
  await expect(ends).rejects.toBe("enough");
});

test("a child that fails is its parent's to judge", async () => {
  const ends = gather((await children()).map([1, 2], plan));
  await until(() => launched().length === 2);
  const [one = PARENT, two = PARENT] = await inOrder();
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    await claim(one);
    await recoverJob(ports, { tenant: TENANT, id: one }, "w");
  }
  await work(two);
  expect(await ends).toEqual(["worker_lost", said(2)]);
  const stream = childrenStream(PARENT, { principal, expiresAt: 11_000_000 });
  expect((await log.readAfter(stream, 0)).map(({ data }) => data)).toEqual([
    { id: one },
    { id: two },
  ]);
});

test.each([
  ["an unknown tool", { ...plan, tool: "nothing" }, 1, "not_found"],
  ["a tool beyond the caller's scope", { ...plan, tool: "secret" }, 1, "forbidden"],
  ["too many at a time", { ...plan, parallel: 17 }, 1, "invalid_input"],
  ["none at a time", { ...plan, parallel: 0 }, 1, "invalid_input"],
  ["too many in all", plan, MAX_CHILDREN + 1, "too_large"],
])("%s is refused", async (_, wrong, count, code) => {
  const items = Array.from({ length: count }, (_, n) => n);
  await expect(gather((await children()).map(items, wrong))).rejects.toMatchObject({ code });
  expect(launched()).toEqual([]);
});

test("wrong arguments of one item end that child alone", async () => {
  const over = new AbortController();
  const working = workOn(over.signal);
  const input = (n: number) => ({ n: n === 1 ? "one" : n });
  const ends = await gather((await children()).map([1, 2], { ...plan, input }));
  over.abort();
  await working;
  expect(ends).toEqual(["invalid_input", said(2)]);
});

test("children of children are the last, and all of them are cancelled with the first", async () => {
  const first = gather((await children()).map([1], plan));
  await until(() => launched().length === 1);
  const child = await claim(launched()[0] as JobId);
  const second = gather((await children(child)).map([2, 3], plan));
  await until(() => launched().length === 3);
  const [, next = PARENT, last = PARENT] = await inOrder();
  const grandchild = await claim(next);
  expect(grandchild.parent).toMatchObject({ id: child.id, depth: 2 });
  await expect(gather((await children(grandchild)).map([4], plan))).rejects.toMatchObject({
    code: "forbidden",
  });

  expect(await cancelJob(ports, TENANT, PARENT)).toMatchObject({ cancelRequested: true });
  expect(await jobs.get(TENANT, child.id)).toMatchObject({ cancelRequested: true });
  expect(await jobs.get(TENANT, grandchild.id)).toMatchObject({ cancelRequested: true });
  expect(await jobs.get(TENANT, last)).toMatchObject({ state: "cancelled" });
  stopping.abort("cancelled");
  await expect(first).rejects.toBe("cancelled");
  await expect(second).rejects.toBe("cancelled");
});

test("a cancelled parent starts no further child, heard of it or not", async () => {
  const parent = await children();
  const ends = gather(parent.map([1, 2], { ...plan, parallel: 1 }));
  await until(() => launched().length === 1);
  const [one = PARENT] = launched();
  await claim(one);
  await cancelJob(ports, TENANT, PARENT);
  const lease = { tenant: TENANT, id: one, fence: 1 };
  const outcome = { kind: "error", code: "cancelled", message: "" } as const;
  await jobs.finish(lease, { state: "cancelled", outcome }, time);
  await tellParent(log, (await jobs.get(TENANT, one)) as Job);
  await clock.sleep(2000);
  stopping.abort("cancelled");
  await expect(ends).rejects.toBe("cancelled");
  expect(await jobs.children(TENANT, PARENT)).toEqual([one]);
});

test("who asks for no further ends cancels what is at work, and goes on", async () => {
  const parent = await children();
  const ends = parent.map([1, 2], plan)[Symbol.asyncIterator]();
  const first = ends.next();
  await until(() => launched().length === 2);
  const [one = PARENT, two = PARENT] = await inOrder();
  await work(one);
  await first;
  await ends.return?.();
  expect(await jobs.get(TENANT, two)).toMatchObject({ state: "cancelled" });
  const next = gather(parent.map([3], plan));
  await until(() => launched().length === 3);
  await work(launched()[2] ?? PARENT);
  expect(await next).toEqual([said(3)]);
});

test("what a tool leaves at work is cancelled when it has ended", async () => {
  const parent = await children();
  const ends = gather(parent.map([1], plan));
  await until(() => launched().length === 1);
  await parent.close();
  await parent.cancel();
  await expect(ends).rejects.toThrow("The tool has ended.");
  const [one = PARENT] = launched();
  expect(await jobs.get(TENANT, one)).toMatchObject({ state: "cancelled" });
});

test("a parent that fails for its workers leaves no child at work", async () => {
  const ends = gather((await children()).map([1], plan));
  await until(() => launched().length === 1);
  const target = { tenant: TENANT, id: PARENT };
  await recoverJob(ports, target, "w");
  await claim(PARENT);
  await recoverJob(ports, target, "w");
  await claim(PARENT);
  expect(await recoverJob(ports, target, "w")).toBe("fail");
  expect(await jobs.get(TENANT, launched()[0] as JobId)).toMatchObject({ state: "cancelled" });
  stopping.abort("lease-lost");
  await expect(ends).rejects.toBe("lease-lost");
});
