import { type FormRequest, type Job, newId } from "@zenode/core";
import { MemoryJobStore, makePrincipal } from "@zenode/core/testing";
import { expect, test, vi } from "vitest";
import { ASK_PATIENCE_MS, JobAsks } from "./job-asks.ts";

const NOW = 1_000_000;

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
  await jobs.create({
    id,
    principal,
    tool: "probe",
    input: {},
    callKey: "key",
    state: "queued",
    fence: 0,
    attempts: 0,
    leaseUntil: 0,
    cancelRequested: false,
    asks,
    inputs: [],
    createdAt: NOW,
    updatedAt: NOW,
    expiresAt: NOW + 60_000,
  });
  await jobs.claim(tenant, id, { worker: "w", leaseUntil: NOW + 1000, now: NOW });
  const lease = { tenant, id, fence: 1 };
  await jobs.start(lease, NOW);
  const add = vi.fn();
  const job = async () => (await jobs.get(tenant, id)) as Job;
  const asked = async () => (await job()).inputs.map(({ key }) => key);
  const heartbeat = async () => (await jobs.heartbeat(lease, NOW + 1000, NOW))?.inputs ?? [];
  const patience = new JobAsks({ jobs, clock, journal: { add }, lease, asks });
  const answer = async (key: string) => jobs.answer(tenant, id, { [key]: YES }, NOW);
  return { asks: patience, jobs, lease, job, asked, add, answer, heartbeat, sleeping };
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

test("a later question takes the answered ones away and has a key of its own [task-input-keys]", async () => {
  const { asks, asked, answer, heartbeat } = await setUp();
  const first = asks.ask(form("1"));
  await settled();
  await answer("ask-1-1");
  asks.take(await heartbeat());
  await first;
  asks.ask(form("2")).catch(() => undefined);
  await settled();
  expect(await asked()).toEqual(["ask-1-2"]);
  asks.close();
});

test("a question that nobody answers in time is withdrawn", async () => {
  const { asks, asked, job, sleeping } = await setUp();
  const unanswered = expect(asks.ask(form("1"))).rejects.toMatchObject({
    code: "declined",
    message: "Nobody answered within 10 minutes. Call the tool again when somebody can.",
  });
  await settled();
  for (const { ms, wake } of sleeping) if (ms === ASK_PATIENCE_MS) wake();
  await unanswered;
  expect(await asked()).toEqual([]);
  expect((await job()).state).toBe("running");
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
