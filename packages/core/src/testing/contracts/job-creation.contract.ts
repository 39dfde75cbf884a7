import { describe, expect, test } from "vitest";
import { REPEAT_MS } from "../../burst/repeat-policy.ts";
import { HOUR, SECOND } from "../../lib/duration.ts";
import { newId } from "../../lib/id.ts";
import { DONE, jobSetting, LOST, type MakeJobStore, TENANT, times } from "./job-setting.ts";

/** How every JobStore stores jobs and finds them: one job a call, of its own tenant, for its time. */
export function jobCreationContract(name: string, make: MakeJobStore): void {
  const { start, clock, leaseUntil, newJob, created, claimed } = jobSetting(make);

  describe(`${name} as JobStore, creation`, () => {
    test("a job comes back as it was created", async () => {
      const { store, job } = await created();
      expect(await store.get(TENANT, job.id)).toEqual(job);
    });

    test("a job with large arguments comes back whole, from a claim too", async () => {
      const { store, job, claim } = await created({ input: { text: "x".repeat(100_000) } });
      expect((await store.get(TENANT, job.id))?.input).toEqual(job.input);
      expect((await claim())?.input).toEqual(job.input);
    });

    test("an unknown job and another tenant's are not found", async () => {
      const { store, job } = await created();
      expect(await store.get(TENANT, newId("task"))).toBeUndefined();
      expect(await store.get("t-other", job.id)).toBeUndefined();
    });

    test("a job whose time is over is not found, deleted or not, and can't be claimed", async () => {
      const { store, job } = await created();
      clock.time = start + HOUR;
      try {
        expect(await store.get(TENANT, job.id)).toBeUndefined();
        expect(
          await store.claim(TENANT, job.id, { worker: "w-1", leaseUntil, now: clock.time }),
        ).toBeUndefined();
        expect(await store.cancel(TENANT, job.id, clock.time)).toBeUndefined();
      } finally {
        clock.time = start;
      }
    });

    test("a lost worker counts as an attempt once, while the job is queued", async () => {
      const { store, job, claim } = await created();
      const lose = (worker: string) => store.countLost(TENANT, job.id, { worker, now: start + 1 });
      const [first] = await times(3, () => lose("w-8"));
      expect(first).toMatchObject({ state: "queued", attempts: 1, fence: 0 });
      expect(await lose("w-9")).toMatchObject({ attempts: 2 });
      expect(await lose("w-8")).toMatchObject({ attempts: 2 });
      expect(await claim()).toMatchObject({ worker: "w-1", attempts: 3, fence: 1 });
      expect(await lose("w-7")).toBeUndefined();
      expect(
        await store.countLost("t-other", job.id, { worker: "w-7", now: start }),
      ).toBeUndefined();
      expect(await store.get(TENANT, job.id)).toMatchObject({ worker: "w-1", attempts: 3 });
    });

    test("the same call while its job runs comes back to that job", async () => {
      const { store, job, claim } = await created();
      await claim();
      const again = await store.create(newJob({ callKey: job.callKey }));
      expect(again.created).toBe(false);
      expect(again.job).toMatchObject({ id: job.id, state: "claimed" });
    });

    test("the same call after its job has ended is a new job", async () => {
      const { store, job, lease } = await claimed();
      await store.finish(lease, DONE, start + 2);
      const next = newJob({ callKey: job.callKey });
      expect(await store.create(next)).toEqual({ created: true, job: next });
      expect((await store.get(TENANT, job.id))?.state).toBe("completed");
      expect((await store.create(newJob({ callKey: job.callKey }))).job.id).toBe(next.id);
    });

    test("the same call is answered by the job that has ended, while both have one basis and its end is young", async () => {
      const { store, job, lease } = await claimed({ basis: "demo@4" });
      await store.finish(lease, DONE, start + 2);
      const again = newJob({ callKey: job.callKey, basis: "demo@4" });
      expect(await store.create(again)).toMatchObject({
        created: false,
        job: { id: job.id, basis: "demo@4", state: "completed", outcome: DONE.outcome },
      });
      clock.time = start + 2 + REPEAT_MS;
      try {
        expect(await store.create(again)).toMatchObject({ created: true, job: { id: again.id } });
      } finally {
        clock.time = start;
      }
    });

    test.each([
      ["with another basis", DONE, "demo@5"],
      ["without one", DONE, undefined],
      ["after a failure", LOST, "demo@4"],
    ] as const)("the same call %s is a new job", async (_, end, basis) => {
      const { store, job, lease } = await claimed({ basis: "demo@4" });
      await store.finish(lease, end, start + 2);
      const next = newJob({ callKey: job.callKey, ...(basis !== undefined && { basis }) });
      expect(await store.create(next)).toEqual({ created: true, job: next });
    });

    test("the same call after its job's time is over is a new job", async () => {
      const { store, job } = await created();
      clock.time = start + HOUR + SECOND;
      try {
        const next = newJob({ callKey: job.callKey, expiresAt: start + 2 * HOUR });
        expect((await store.create(next)).created).toBe(true);
      } finally {
        clock.time = start;
      }
    });

    test("the same call of another tenant is another job", async () => {
      const { store, job } = await created();
      const other = newJob({
        callKey: job.callKey,
        principal: { ...job.principal, tenant: "t-other" },
      });
      expect((await store.create(other)).created).toBe(true);
    });

    test("creating the same job again answers as before and changes nothing", async () => {
      const { store, job, claim } = await created();
      await claim();
      expect(await store.create(job)).toMatchObject({ created: true, job: { state: "claimed" } });
    });

    test("of many calls at once one becomes a job and the others come back to it", async () => {
      const store = await make(clock);
      const callKey = crypto.randomUUID();
      const answers = await times(8, () => store.create(newJob({ callKey })));
      expect(answers.filter((answer) => answer.created)).toHaveLength(1);
      expect(new Set(answers.map((answer) => answer.job.id)).size).toBe(1);
    });
  });
}
