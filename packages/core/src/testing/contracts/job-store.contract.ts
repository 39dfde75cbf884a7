import { describe, expect, test } from "vitest";
import type { JobEnd } from "../../burst/job-store.ts";
import { newId } from "../../lib/id.ts";
import { count, DONE, jobSetting, LOST, type MakeJobStore, TENANT, times } from "./job-setting.ts";

/** What every JobStore promises. Run it on the memory double and on each adapter. */
export function jobStoreContract(name: string, make: MakeJobStore): void {
  const { start, leaseUntil, created, claimed } = jobSetting(make);

  describe(`${name} as JobStore`, () => {
    describe("claim and start", () => {
      test("a claim counts the attempt, raises the fence and sets the lease", async () => {
        const { store, job, claim } = await created();
        const expected = { state: "claimed", worker: "w-1", fence: 1, attempts: 1, leaseUntil };
        expect(await claim()).toEqual({ ...job, ...expected, updatedAt: start + 1 });
        expect(await store.get(TENANT, job.id)).toMatchObject(expected);
      });

      test("of 20 claims at once one has the job", async () => {
        const { claim } = await created();
        expect(count(await times(20, claim), undefined)).toBe(19);
      });

      test("a claimed job starts once its holder says so, and may be told again", async () => {
        const { store, job, lease } = await claimed();
        expect(await store.start(lease, start + 2)).toBe(true);
        expect(await store.start(lease, start + 3)).toBe(true);
        expect((await store.get(TENANT, job.id))?.state).toBe("running");
      });

      test("an unknown job can't be claimed, started or cancelled", async () => {
        const { store } = await created();
        const lease = { tenant: TENANT, id: newId("task"), fence: 1 };
        expect(
          await store.claim(TENANT, lease.id, {
            worker: "w-1",
            leaseUntil,
            now: start,
          }),
        ).toBeUndefined();
        expect(await store.start(lease, start)).toBe(false);
        expect(await store.cancel(TENANT, lease.id, start)).toBeUndefined();
        expect(await store.get(TENANT, lease.id)).toBeUndefined();
      });
    });

    describe("a lease", () => {
      test("a heartbeat moves its end", async () => {
        const { store, job, lease } = await claimed();
        const answer = await store.heartbeat(lease, leaseUntil + 5, start + 2);
        expect(answer).toEqual({ cancelRequested: false, inputs: [] });
        expect((await store.get(TENANT, job.id))?.leaseUntil).toBe(leaseUntil + 5);
      });

      test("given back, the job is queued for the next worker, whose fence is higher", async () => {
        const { store, job, lease, claim } = await claimed();
        await store.start(lease, start + 2);
        expect(await store.release(lease, start + 3)).toBe(true);
        expect(await store.release(lease, start + 4)).toBe(true);
        expect(await store.get(TENANT, job.id)).toMatchObject({ state: "queued", leaseUntil: 0 });
        expect(await claim()).toMatchObject({ state: "claimed", fence: 2, attempts: 2 });
        expect(await store.release(lease, start + 5)).toBe(false);
      });

      test("a stale fence writes nothing", async () => {
        const { store, job, lease, claim } = await claimed();
        await store.release(lease, start + 2);
        await claim();
        const before = await store.get(TENANT, job.id);
        expect(await store.start(lease, start + 9)).toBe(false);
        expect(await store.heartbeat(lease, leaseUntil + 9, start + 9)).toBeUndefined();
        expect(await store.finish(lease, DONE, start + 9)).toBe(false);
        expect(await store.release(lease, start + 9)).toBe(false);
        expect(await store.expire(lease, undefined, start + 9)).toBe(false);
        expect(await store.expire(lease, LOST, start + 9)).toBe(false);
        expect(await store.get(TENANT, job.id)).toEqual(before);
      });

      test("of another tenant writes nothing", async () => {
        const { store, job, lease } = await claimed();
        expect(await store.finish({ ...lease, tenant: "t-other" }, DONE, start + 2)).toBe(false);
        expect((await store.get(TENANT, job.id))?.state).toBe("claimed");
      });
    });

    describe("finish", () => {
      test("writes the outcome, from claimed and from running", async () => {
        for (const begin of [false, true]) {
          const { store, job, lease } = await claimed();
          if (begin) await store.start(lease, start + 2);
          expect(await store.finish(lease, LOST, start + 3)).toBe(true);
          const ended = { ...LOST, updatedAt: start + 3 };
          expect(await store.get(TENANT, job.id)).toMatchObject(ended);
        }
      });

      test("happens once: the same end again is true, any other changes nothing", async () => {
        const { store, job, lease } = await claimed();
        await store.finish(lease, DONE, start + 2);
        const before = await store.get(TENANT, job.id);
        expect(await store.finish(lease, DONE, start + 3)).toBe(true);
        expect(await store.finish(lease, LOST, start + 3)).toBe(false);
        expect(await store.release(lease, start + 3)).toBe(false);
        expect(await store.expire(lease, LOST, start + 3)).toBe(false);
        expect((await store.cancel(TENANT, job.id, start + 3))?.state).toBe("completed");
        expect(
          await store.claim(TENANT, job.id, { worker: "w-1", leaseUntil, now: start + 3 }),
        ).toBeUndefined();
        expect(await store.get(TENANT, job.id)).toEqual(before);
      });

      test("a job that somebody else has failed is not the worker's to have finished", async () => {
        const { store, job, lease } = await claimed();
        expect(await store.expire(lease, LOST, start + 2)).toBe(true);
        const end: JobEnd = {
          state: "failed",
          outcome: { kind: "error", code: "x", message: "x" },
        };
        expect(await store.finish(lease, end, start + 3)).toBe(false);
        expect((await store.get(TENANT, job.id))?.outcome).toEqual(LOST.outcome);
      });

      test("of a finish and an expiry at once exactly one happens", async () => {
        const { store, job, lease } = await claimed();
        const answers = await Promise.all([
          store.finish(lease, DONE, start + 2),
          store.expire(lease, LOST, start + 2),
        ]);
        expect(count(answers, true)).toBe(1);
        const state = answers[0] ? "completed" : "failed";
        expect((await store.get(TENANT, job.id))?.state).toBe(state);
      });
    });

    describe("expire", () => {
      test("puts the job back into the queue, for one of many who notice", async () => {
        const { store, job, lease } = await claimed();
        const answers = await times(10, () => store.expire(lease, undefined, start + 2));
        expect(count(answers, true)).toBe(1);
        expect(await store.get(TENANT, job.id)).toMatchObject({ state: "queued", attempts: 1 });
      });

      test("with an end fails a held job, and a queued one that nobody may claim any more", async () => {
        for (const queued of [false, true]) {
          const { store, job, lease } = await claimed();
          if (queued) await store.release(lease, start + 2);
          expect(await store.expire(lease, LOST, start + 3)).toBe(true);
          expect(await store.get(TENANT, job.id)).toMatchObject(LOST);
        }
      });
    });

    describe("cancel", () => {
      test("a queued job ends at once", async () => {
        const { store, job, claim } = await created();
        const cancelled = { state: "cancelled", cancelRequested: true };
        expect(await store.cancel(TENANT, job.id, start + 2)).toMatchObject(cancelled);
        expect(await store.cancel(TENANT, job.id, start + 3)).toMatchObject(cancelled);
        expect(await claim()).toBeUndefined();
      });

      test("a running job is asked to stop, which its heartbeat learns", async () => {
        const { store, job, lease } = await claimed();
        await store.start(lease, start + 2);
        const asked = { state: "running", cancelRequested: true };
        expect(await store.cancel(TENANT, job.id, start + 3)).toMatchObject(asked);
        expect(await store.heartbeat(lease, leaseUntil, start + 4)).toEqual({
          cancelRequested: true,
          inputs: [],
        });
        expect(await store.finish(lease, { ...LOST, state: "cancelled" }, start + 5)).toBe(true);
      });

      test("another tenant's job is unknown", async () => {
        const { store, job } = await created();
        expect(await store.cancel("t-other", job.id, start + 2)).toBeUndefined();
        expect((await store.get(TENANT, job.id))?.state).toBe("queued");
      });

      test("of a claim and a cancellation at once, the job ends or its holder learns", async () => {
        const { store, job, claim } = await created();
        const [holder] = await Promise.all([claim(), store.cancel(TENANT, job.id, start + 2)]);
        const after = await store.get(TENANT, job.id);
        expect(after).toMatchObject({
          cancelRequested: true,
          state: holder ? "claimed" : "cancelled",
        });
      });
    });
  });
}
