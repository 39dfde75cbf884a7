import { describe, expect, test } from "vitest";
import type { Job, Lease } from "../../burst/job.ts";
import { HOUR } from "../../lib/duration.ts";
import type { InputRequest } from "../../tool/input-request.ts";
import { makeJob } from "../make-job.ts";
import { makePrincipal } from "../workspace-memory.ts";
import type { MakeJobStore } from "./job-setting.ts";

const ROOTS: InputRequest = { method: "roots/list" };
const ANSWER = { roots: [] };
const DONE = {
  state: "completed",
  outcome: { kind: "result", result: { content: [{ type: "text", text: "41 files" }] } },
} as const;

/** What every JobStore promises about jobs that go on elsewhere: checkpoints and parking. */
export function jobResumeContract(name: string, make: MakeJobStore): void {
  const start = Date.now();
  const leaseUntil = start + HOUR;
  const principal = makePrincipal();
  const { tenant } = principal;

  const newJob = (change: Partial<Job> = {}) =>
    makeJob({ tool: "crawl", asks: ["roots"], ...change }, principal, start);

  async function running() {
    const store = await make({ now: () => start });
    const job = newJob();
    await store.create(job);
    const claim = () => store.claim(tenant, job.id, { worker: "w", leaseUntil, now: start + 1 });
    await claim();
    const lease: Lease = { tenant, id: job.id, fence: 1 };
    await store.start(lease, start + 2);
    const get = () => store.get(tenant, job.id);
    const ask = (...keys: readonly string[]) => {
      const add = keys.map((key) => ({ key, request: ROOTS }));
      return store.ask(lease, { add, drop: [] }, start + 3);
    };
    const answer = (...keys: readonly string[]) => {
      const answers = Object.fromEntries(keys.map((key) => [key, ANSWER]));
      return store.answer(tenant, job.id, answers, start + 4);
    };
    const keep = (state: number | string, closes: readonly string[] = []) =>
      store.checkpoint(lease, { state, closes }, start + 5);
    return { store, job, lease, claim, get, ask, answer, keep };
  }

  async function parked() {
    const setting = await running();
    await setting.ask("a", "b");
    expect(await setting.store.park(setting.lease, start + 6)).toBe(true);
    return setting;
  }

  describe(`${name} as JobStore, going on elsewhere`, () => {
    describe("checkpoint", () => {
      test("the newest one is the next worker's, with the attempt it was made in", async () => {
        const { store, lease, claim, get, keep } = await running();
        expect([await keep(1), await keep(2), await keep(2)]).toEqual([true, true, true]);
        expect(await get()).toMatchObject({
          state: "running",
          checkpoint: 2,
          updatedAt: start + 5,
        });
        await store.release(lease, start + 6);
        expect(await claim()).toMatchObject({ checkpoint: 2, attempts: 2, attemptsAtProgress: 1 });
      });

      test("any JSON comes back as it was, null too", async () => {
        const { store, lease, get } = await running();
        for (const state of [{ a: [null, 1.5, "ü"] }, null, "", false]) {
          await store.checkpoint(lease, { state, closes: [] }, start + 5);
          expect((await get())?.checkpoint).toEqual(state);
        }
      });

      test("closes questions that were answered, and leaves what is due", async () => {
        const { ask, answer, keep, get } = await running();
        await ask("a", "b");
        await answer("a");
        expect(await keep("so far", ["a"])).toBe(true);
        expect(await get()).toMatchObject({ state: "input_required", inputs: [{ key: "b" }] });
        await answer("b");
        expect(await keep("so far", ["b"])).toBe(true);
        expect(await get()).toMatchObject({ state: "running", inputs: [] });
      });

      test("a late worker's is refused, closing questions or not", async () => {
        const { store, lease, claim, keep, get } = await running();
        await keep("first");
        await store.release(lease, start + 6);
        expect(await keep("late")).toBe(false);
        await claim();
        expect([await keep("late"), await keep("late", ["a"])]).toEqual([false, false]);
        expect((await get())?.checkpoint).toBe("first");
      });

      test("more than 64 KiB is refused and changes nothing", async () => {
        const { keep, get } = await running();
        await keep("small");
        await expect(keep("x".repeat(65_535))).rejects.toMatchObject({ code: "too_large" });
        expect((await get())?.checkpoint).toBe("small");
        expect(await keep("x".repeat(65_534))).toBe(true);
      });

      test("a job that has ended takes none and keeps none", async () => {
        const { store, lease, keep, get } = await running();
        await keep("last");
        await store.finish(lease, DONE, start + 6);
        expect(await keep("late")).toBe(false);
        expect(await get()).toMatchObject(DONE);
        expect(await get()).not.toHaveProperty("checkpoint");
      });

      test("a job can begin with one, and with questions answered elsewhere", async () => {
        const store = await make({ now: () => start });
        const inputs = [{ key: "ask-1", request: ROOTS, answer: ANSWER }];
        const job = newJob({ checkpoint: { at: 3 }, inputs });
        await store.create(job);
        expect(await store.get(tenant, job.id)).toEqual(job);
      });
    });

    describe("park", () => {
      test("a job that asks waits without a worker, who has lost it", async () => {
        const { store, lease, get, ask, keep } = await parked();
        const expected = {
          state: "input_required",
          leaseUntil: 0,
          fence: 2,
          attempts: 1,
          parks: 1,
        };
        expect(await get()).toMatchObject({ ...expected, attemptsAtProgress: 1 });
        expect((await get())?.inputs.map(({ key }) => key)).toEqual(["a", "b"]);
        expect(await store.heartbeat(lease, leaseUntil, start + 7)).toBeUndefined();
        expect(await store.finish(lease, DONE, start + 7)).toBe(false);
        expect(await store.release(lease, start + 7)).toBe(false);
        expect(await store.expire(lease, undefined, start + 7)).toBe(false);
        expect([await ask("c"), await keep("late")]).toEqual([false, false]);
        expect(await get()).toMatchObject(expected);
      });

      test("may be repeated, and is not claimed", async () => {
        const { store, lease, claim, get } = await parked();
        expect(await store.park(lease, start + 7)).toBe(true);
        expect(await claim()).toBeUndefined();
        expect((await get())?.parks).toBe(1);
      });

      test("only while something is due, by who holds it", async () => {
        const { store, lease, ask, answer, get } = await running();
        expect(await store.park(lease, start + 6)).toBe(false);
        await ask("a");
        expect(await store.park({ ...lease, fence: 0 }, start + 6)).toBe(false);
        await answer("a");
        expect(await store.park(lease, start + 6)).toBe(false);
        expect(await get()).toMatchObject({ state: "running", fence: 1 });
      });

      test("the last answer due queues it, and the next worker finds all of them", async () => {
        const { answer, claim } = await parked();
        expect(await answer("b")).toMatchObject({ state: "input_required", leaseUntil: 0 });
        expect(await answer("a", "b")).toMatchObject({ state: "queued" });
        const next = await claim();
        expect(next).toMatchObject({ state: "claimed", fence: 3, attempts: 2 });
        expect(next?.inputs.map((input) => input.answer)).toEqual([ANSWER, ANSWER]);
      });

      test("of the last answer and a park at once both happen or the answer alone", async () => {
        const { store, lease, ask, answer, get } = await running();
        await ask("a");
        const [isParked] = await Promise.all([store.park(lease, start + 6), answer("a")]);
        expect((await get())?.state).toBe(isParked ? "queued" : "running");
      });

      test("cancelled it ends at once, and takes no answers", async () => {
        const { store, job, answer, claim, get } = await parked();
        const cancelled = { state: "cancelled", cancelRequested: true, inputs: [] };
        expect(await store.cancel(tenant, job.id, start + 7)).toMatchObject(cancelled);
        expect(await answer("a", "b")).toMatchObject(cancelled);
        expect(await claim()).toBeUndefined();
        expect(await get()).toMatchObject(cancelled);
      });
    });
  });
}
