import { describe, expect, test } from "vitest";
import type { Lease } from "../../burst/job.ts";
import type { InputChange } from "../../burst/job-inputs.ts";
import { HOUR } from "../../lib/duration.ts";
import { newId } from "../../lib/id.ts";
import type { FormRequest } from "../../tool/input-request.ts";
import { makeJob } from "../make-job.ts";
import type { MakeJobStore } from "./job-setting.ts";

const TENANT = "t-contract";
const YES = { action: "accept", content: { ok: true } };
const NO = { action: "decline" };

const form = (message: string): FormRequest => ({
  method: "elicitation/create",
  params: {
    message,
    requestedSchema: { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] },
  },
});
const asking = (...keys: readonly string[]): InputChange => ({
  add: keys.map((key) => ({ key, request: form(key) })),
  drop: [],
});

/** What every JobStore promises about `running <-> input_required`. */
export function jobInputContract(name: string, make: MakeJobStore): void {
  const start = Date.now();
  const leaseUntil = start + HOUR;

  const newJob = () =>
    makeJob({ tool: "ask", asks: ["form", "sampling_tools"] }, { tenant: TENANT }, start);

  async function running() {
    const store = await make({ now: () => start });
    const job = newJob();
    await store.create(job);
    const claim = () =>
      store.claim(TENANT, job.id, { worker: "worker-1", leaseUntil, now: start + 1 });
    await claim();
    const lease: Lease = { tenant: TENANT, id: job.id, fence: 1 };
    await store.start(lease, start + 2);
    const get = () => store.get(TENANT, job.id);
    const answer = (answers: Readonly<Record<string, typeof YES | typeof NO>>) =>
      store.answer(TENANT, job.id, answers, start + 4);
    const open = async () =>
      (await get())?.inputs.filter((input) => !input.answer).map(({ key }) => key);
    return { store, job, lease, claim, get, answer, open };
  }

  describe(`${name} as JobStore, asking`, () => {
    test("what the client can be asked for is kept", async () => {
      const { get } = await running();
      expect((await get())?.asks).toEqual(["form", "sampling_tools"]);
    });

    test("a running job asks and is shown to, repeats change nothing", async () => {
      const { store, lease, get } = await running();
      for (const _ of [1, 2])
        expect(await store.ask(lease, asking("a", "b"), start + 3)).toBe(true);
      expect(await get()).toMatchObject({ state: "input_required", updatedAt: start + 3 });
      expect((await get())?.inputs).toEqual([
        { key: "a", request: form("a") },
        { key: "b", request: form("b") },
      ]);
    });

    test("a partial answer leaves the rest due; the last one lets the job run, and its worker sees all", async () => {
      const { store, lease, answer, open } = await running();
      await store.ask(lease, asking("a", "b"), start + 3);
      expect((await answer({ b: NO }))?.state).toBe("input_required");
      expect(await open()).toEqual(["a"]);
      expect((await answer({ a: YES }))?.state).toBe("running");
      const beat = await store.heartbeat(lease, leaseUntil, start + 5);
      expect(beat?.inputs.map((input) => input.answer)).toEqual([YES, NO]);
    });

    test("unknown, answered and dropped keys are passed over", async () => {
      const { store, lease, answer, get } = await running();
      await store.ask(lease, asking("a", "b"), start + 3);
      await answer({ a: YES });
      const before = await get();
      expect(await answer({ a: NO, nothing: YES })).toEqual(before);
      await store.ask(lease, { add: [], drop: ["a", "b"] }, start + 5);
      expect(await get()).toMatchObject({ state: "running", inputs: [] });
      expect(await answer({ b: YES })).toMatchObject({ state: "running", inputs: [] });
    });

    test("an answer of the wrong shape changes nothing, not even the others with it", async () => {
      const { store, lease, job, get } = await running();
      await store.ask(lease, asking("a", "b"), start + 3);
      const before = await get();
      const wrong = { a: YES, b: { action: "accept", content: { ok: "yes" } } };
      await expect(store.answer(TENANT, job.id, wrong, start + 4)).rejects.toMatchObject({
        code: "invalid_input",
      });
      expect(await get()).toEqual(before);
    });

    test("of answers at the same moment none is lost", async () => {
      const { store, lease, answer, get } = await running();
      const keys = ["a", "b", "c", "d"];
      await store.ask(lease, asking(...keys), start + 3);
      await Promise.all(keys.map((key) => answer({ [key]: YES })));
      const after = await get();
      expect(after?.state).toBe("running");
      expect(after?.inputs.map((input) => input.answer)).toEqual([YES, YES, YES, YES]);
    });

    test("of two answers to one request at once the first one counts", async () => {
      const { store, lease, answer, get } = await running();
      await store.ask(lease, asking("a"), start + 3);
      const answers = await Promise.all([answer({ a: YES }), answer({ a: NO })]);
      const kept = (await get())?.inputs[0]?.answer;
      expect(answers.map((job) => job?.inputs[0]?.answer)).toEqual([kept, kept]);
    });

    test("given back, the job keeps what it asked and takes answers; the replaced worker asks nothing", async () => {
      const { store, lease, claim, answer, get } = await running();
      await store.ask(lease, asking("a", "b"), start + 3);
      await store.release(lease, start + 4);
      expect(await get()).toMatchObject({ state: "queued", inputs: [{ key: "a" }, { key: "b" }] });
      expect(await answer({ a: YES })).toMatchObject({
        state: "queued",
        inputs: [{ answer: YES }, {}],
      });
      expect((await claim())?.inputs).toMatchObject([{ answer: YES }, { key: "b" }]);
      expect(await answer({ b: NO })).toMatchObject({ state: "claimed" });
      expect(await store.ask(lease, asking("c"), start + 5)).toBe(false);
      expect(await store.ask({ ...lease, fence: 2 }, asking("c"), start + 5)).toBe(false);
      expect((await get())?.inputs.map((input) => input.answer)).toEqual([YES, NO]);
    });

    test("a job that asks can be renewed, cancelled, finished, and not started again", async () => {
      const { store, job, lease, get } = await running();
      await store.ask(lease, asking("a"), start + 3);
      expect(await store.start(lease, start + 4)).toBe(false);
      expect(await store.cancel(TENANT, job.id, start + 4)).toMatchObject({
        state: "input_required",
        cancelRequested: true,
      });
      expect(await store.heartbeat(lease, leaseUntil, start + 5)).toMatchObject({
        cancelRequested: true,
      });
      const outcome = { kind: "error", code: "cancelled", message: "Cancelled." } as const;
      expect(await store.finish(lease, { state: "cancelled", outcome }, start + 6)).toBe(true);
      expect(await get()).toMatchObject({ state: "cancelled", inputs: [] });
    });

    test("another tenant's and unknown jobs take no answers", async () => {
      const { store, job, lease } = await running();
      await store.ask(lease, asking("a"), start + 3);
      expect(await store.answer("t-other", job.id, { a: YES }, start + 4)).toBeUndefined();
      expect(await store.answer(TENANT, newId("task"), { a: YES }, start + 4)).toBeUndefined();
    });

    test("more than an item should hold is refused", async () => {
      const { store, lease, get } = await running();
      const add = [{ key: "a", request: form("x".repeat(200_000)) }];
      await expect(store.ask(lease, { add, drop: [] }, start + 3)).rejects.toMatchObject({
        code: "too_large",
      });
      expect((await get())?.state).toBe("running");
    });
  });
}
