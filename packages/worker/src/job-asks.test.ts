import { type FormRequest, type Job, newId } from "@zenode/core";
import { MemoryJobStore, makeJob, makePrincipal } from "@zenode/core/testing";
import { expect, test, vi } from "vitest";
import { JobAsks } from "./job-asks.ts";

const NOW = 1_000_000;
const PATIENCE_MS = 45_000;

function form(message: string): FormRequest {
  const requestedSchema = { type: "object", properties: { ok: { type: "boolean" } } } as const;
  return { method: "elicitation/create", params: { message, requestedSchema } };
}

const YES = { action: "accept", content: { ok: true } };

async function setUp(asks: Job["asks"] = ["form"]) {
  const sleeping: { ms: number; wake: () => void }[] = [];
  const clock = {
    now: () => NOW,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        sleeping.push({ ms, wake: resolve });
        signal?.addEventListener("abort", () => resolve());
      }),
  };
  const jobs = new MemoryJobStore(clock);
  const principal = makePrincipal();
  const id = newId("task");
  const { tenant } = principal;
  await jobs.create(makeJob({ id, asks }, principal, NOW));
  await jobs.claim(tenant, id, { worker: "w", leaseUntil: NOW + 1000, now: NOW });
  const lease = { tenant, id, fence: 1 };
  await jobs.start(lease, NOW);
  const add = vi.fn();
  const job = async () => (await jobs.get(tenant, id)) as Job;
  const asked = async () => (await job()).inputs.map(({ key }) => key);
  const heartbeat = async () => (await jobs.heartbeat(lease, NOW + 1000, NOW))?.inputs ?? [];
  const logger = { info: vi.fn(), error: vi.fn() };
  const run = (held: Job, fence = 1) => {
    const options = {
      jobs,
      clock,
      logger,
      journal: { add, flush: async () => undefined },
      askPatienceMs: PATIENCE_MS,
    };
    return new JobAsks({ ...options, lease: { tenant, id, fence }, job: held });
  };
  const patience = run(await job());
  const answer = async (key: string) => jobs.answer(tenant, id, { [key]: YES }, NOW);
  return { asks: patience, run, jobs, lease, job, asked, add, answer, heartbeat, sleeping };
}

/** Until everything that is ready has run. */
const settled = () => new Promise(setImmediate);

test("questions of one turn are stored together, and answered one by one as heartbeats bring it", async () => {
  const { asks, asked, add, answer, heartbeat, job } = await setUp();
  const [first, second] = [asks.ask(form("1")), asks.ask(form("2"))];
  await settled();
  expect(await asked()).toEqual(["ask-1-1", "ask-1-2"]);
  expect(add.mock.calls).toEqual([[{ kind: "input_required", data: {} }]]);
  await answer("ask-1-2");
  asks.take(await heartbeat());
  expect(await second).toEqual(YES);
  expect(asks.isWaiting).toBe(true);
  await answer("ask-1-1");
  asks.take(await heartbeat());
  expect(await first).toEqual(YES);
  expect(asks.isWaiting).toBe(false);
  expect((await job()).state).toBe("running");
});

test("a later question has a key of its own, and the answered ones stay for a later run [task-input-keys]", async () => {
  const { asks, asked, answer, heartbeat } = await setUp();
  const first = asks.ask(form("1"));
  await settled();
  await answer("ask-1-1");
  asks.take(await heartbeat());
  await first;
  asks.ask(form("2")).catch(() => undefined);
  await settled();
  expect(await asked()).toEqual(["ask-1-1", "ask-1-2"]);
  asks.close(new Error("over"));
});

test("a checkpoint lets go of the questions whose answers the tool has, and of no others", async () => {
  const { asks, asked, answer, heartbeat, job } = await setUp();
  const [first, second] = [asks.ask(form("1")), asks.ask(form("2"))];
  await settled();
  await answer("ask-1-1");
  asks.take(await heartbeat());
  await first;
  await asks.checkpoint({ at: 1 });
  expect(await asked()).toEqual(["ask-1-2"]);
  expect(await job()).toMatchObject({ state: "input_required", checkpoint: { at: 1 } });
  await answer("ask-1-2");
  asks.take(await heartbeat());
  await second;
  await asks.checkpoint({ at: 2 });
  expect(await job()).toMatchObject({ state: "running", inputs: [], checkpoint: { at: 2 } });
});

test("a job whose question nobody answers in time is parked, and the wait broken off", async () => {
  const { asks, job, sleeping } = await setUp();
  const waiting = asks.ask(form("1"));
  await settled();
  asks.parked.addEventListener("abort", () => asks.close(asks.parked.reason));
  for (const { ms, wake } of sleeping) if (ms === PATIENCE_MS) wake();
  await expect(waiting).rejects.toMatchObject({ code: "interrupted", why: "parked" });
  expect(await job()).toMatchObject({ state: "input_required", leaseUntil: 0, fence: 2 });
});

test("what was answered meanwhile is not parked", async () => {
  const { asks, job, answer, heartbeat, sleeping } = await setUp();
  const waiting = asks.ask(form("1"));
  await settled();
  await answer("ask-1-1");
  for (const { ms, wake } of sleeping) if (ms === PATIENCE_MS) wake();
  await settled();
  expect(asks.parked.aborted).toBe(false);
  asks.take(await heartbeat());
  expect(await waiting).toEqual(YES);
  expect(await job()).toMatchObject({ state: "running", fence: 1 });
});

test("the next worker's tool gets the same answers to the same questions, and asks only the rest", async () => {
  const { run, asks, jobs, lease, job, asked, answer, heartbeat } = await setUp();
  void asks.ask(form("1")).catch(() => undefined);
  void asks.ask(form("2")).catch(() => undefined);
  await settled();
  await answer("ask-1-1");
  await jobs.release(lease, NOW);
  asks.close(new Error("over"));
  const held = await jobs.claim(lease.tenant, lease.id, {
    worker: "x",
    leaseUntil: NOW + 1,
    now: NOW,
  });
  await jobs.start({ ...lease, fence: 2 }, NOW);
  const next = run(held as Job, 2);
  expect(await next.ask(form("1"))).toEqual(YES);
  const second = next.ask(form("2"));
  await settled();
  expect(await asked()).toEqual(["ask-1-1", "ask-1-2"]);
  expect((await job()).state).toBe("input_required");
  await answer("ask-1-2");
  next.take((await jobs.heartbeat({ ...lease, fence: 2 }, NOW + 1000, NOW))?.inputs ?? []);
  expect(await second).toEqual(YES);
  expect(await heartbeat()).toEqual([]);
});

test("a tool that asks something else the next time is asked anew", async () => {
  const { run, asks, jobs, lease, asked, answer } = await setUp();
  void asks.ask(form("1")).catch(() => undefined);
  await settled();
  await answer("ask-1-1");
  await jobs.release(lease, NOW);
  asks.close(new Error("over"));
  const held = await jobs.claim(lease.tenant, lease.id, {
    worker: "x",
    leaseUntil: NOW + 1,
    now: NOW,
  });
  await jobs.start({ ...lease, fence: 2 }, NOW);
  const next = run(held as Job, 2);
  void next.ask(form("other")).catch(() => undefined);
  await settled();
  expect(await asked()).toEqual(["ask-2-1"]);
  next.close(new Error("over"));
});

test("what the client did not declare is not asked [task-input-declared]", async () => {
  const { asks, asked } = await setUp(["roots"]);
  await expect(asks.ask(form("1"))).rejects.toMatchObject({ code: "cannot_ask" });
  expect(await asked()).toEqual([]);
});

test("a replaced worker can't ask", async () => {
  const { asks, jobs, lease } = await setUp();
  await jobs.expire(lease, undefined, NOW);
  await expect(asks.ask(form("1"))).rejects.toMatchObject({ code: "fenced" });
});
