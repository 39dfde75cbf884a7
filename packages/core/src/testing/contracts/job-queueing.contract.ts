import { describe, expect, test } from "vitest";
import type { Job, Lease } from "../../burst/job.ts";
import type { JobEnd, JobStore } from "../../burst/job-store.ts";
import type { Clock } from "../../lib/clock.ts";
import { HOUR, MINUTE } from "../../lib/duration.ts";
import { newId } from "../../lib/id.ts";
import { makeJob } from "../make-job.ts";

/** A store whose tenants may have so many jobs that have not ended. */
export type MakeBoundedJobStore = (
  clock: Pick<Clock, "now">,
  jobsPerTenant: number,
) => JobStore | Promise<JobStore>;

const DONE: JobEnd = {
  state: "completed",
  outcome: { kind: "result", result: { content: [{ type: "text", text: "done" }] } },
};

/** How a JobStore bounds a tenant's jobs, lists a caller's own and remembers launches. */
export function jobQueueingContract(name: string, make: MakeBoundedJobStore): void {
  const start = Date.now();
  const clock = { time: start, now: () => clock.time };

  const newJob = (tenant: string, change: Partial<Job> = {}, subject = "ada") =>
    makeJob(change, { tenant, subject, username: subject }, start);
  const newTenant = () => `t-${crypto.randomUUID()}`;
  const full = { name: "RefusedError", code: "too_many_jobs" };

  async function claim(store: JobStore, job: Job): Promise<Lease> {
    const { tenant } = job.principal;
    const now = start + 1;
    const claimed = await store.claim(tenant, job.id, {
      worker: "w-1",
      leaseUntil: now + MINUTE,
      now,
    });
    return { tenant, id: job.id, fence: claimed?.fence ?? 0 };
  }

  describe(`${name} as JobStore of a queue`, () => {
    test("of many calls at once exactly as many become jobs as the tenant may have", async () => {
      const [store, tenant] = [await make(clock, 5), newTenant()];
      const calls = Array.from({ length: 12 }, () => store.create(newJob(tenant)));
      const answers = await Promise.allSettled(calls);
      expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
      for (const answer of answers)
        if (answer.status === "rejected") expect(answer.reason).toMatchObject(full);
    });

    test("one tenant's jobs take nothing of another's", async () => {
      const store = await make(clock, 1);
      expect((await store.create(newJob(newTenant()))).created).toBe(true);
      expect((await store.create(newJob(newTenant()))).created).toBe(true);
    });

    test("the same call, and the same job again, need no further place", async () => {
      const [store, tenant] = [await make(clock, 1), newTenant()];
      const job = newJob(tenant);
      await store.create(job);
      expect((await store.create(job)).created).toBe(true);
      const same = await store.create(newJob(tenant, { callKey: job.callKey }));
      expect(same).toMatchObject({ created: false, job: { id: job.id } });
      await expect(store.create(newJob(tenant))).rejects.toMatchObject(full);
    });

    test.each([
      ["finished", (store: JobStore, lease: Lease) => store.finish(lease, DONE, start + 2)],
      ["expired for good", (store: JobStore, lease: Lease) => store.expire(lease, DONE, start + 2)],
    ])("a job that is %s gives its place to another", async (_, end) => {
      const [store, tenant] = [await make(clock, 1), newTenant()];
      const job = newJob(tenant);
      await store.create(job);
      const lease = await claim(store, job);
      await expect(store.create(newJob(tenant))).rejects.toMatchObject(full);
      expect(await end(store, lease)).toBe(true);
      expect(await end(store, lease)).toBeTypeOf("boolean");
      expect((await store.create(newJob(tenant))).created).toBe(true);
      await expect(store.create(newJob(tenant))).rejects.toMatchObject(full);
    });

    test("a queued job that is cancelled gives its place to another, one given back does not", async () => {
      const [store, tenant] = [await make(clock, 1), newTenant()];
      const job = newJob(tenant);
      await store.create(job);
      await store.release(await claim(store, job), start + 2);
      await expect(store.create(newJob(tenant))).rejects.toMatchObject(full);
      await store.cancel(tenant, job.id, start + 3);
      expect((await store.create(newJob(tenant))).created).toBe(true);
    });

    test("freeing the place of a job that has not ended, or has ended before, takes nobody's", async () => {
      const [store, tenant] = [await make(clock, 1), newTenant()];
      const [first, second] = [newJob(tenant), newJob(tenant)];
      await store.create(first);
      await store.freeSlot(tenant, first.id);
      await expect(store.create(second)).rejects.toMatchObject(full);
      await store.cancel(tenant, first.id, start + 2);
      await store.create(second);
      await store.freeSlot(tenant, first.id);
      await store.freeSlot(tenant, newId("task"));
      await expect(store.create(newJob(tenant))).rejects.toMatchObject(full);
    });

    test("the place of a job whose time is over is free", async () => {
      const [store, tenant] = [await make(clock, 1), newTenant()];
      await store.create(newJob(tenant));
      clock.time = start + HOUR + 1000;
      try {
        expect((await store.create(newJob(tenant, { expiresAt: start + 3 * HOUR }))).created).toBe(
          true,
        );
      } finally {
        clock.time = start;
      }
    });

    test("a caller's tasks come newest first, their own only, ended ones too", async () => {
      const [store, tenant] = [await make(clock, 10), newTenant()];
      const jobs = [1, 2, 3, 4].map((n) => newJob(tenant, { createdAt: start + n }));
      const others = [newJob(tenant, {}, "ada#2"), newJob(tenant, {}, "ad"), newJob(newTenant())];
      for (const job of [...jobs, ...others]) await store.create(job);
      await store.cancel(tenant, jobs[1]?.id ?? newId("task"), start + 9);
      const list = await store.list({ tenant, subject: "ada" }, 3);
      expect(list.map(({ id, state }) => [id, state])).toEqual([
        [jobs[3]?.id, "queued"],
        [jobs[2]?.id, "queued"],
        [jobs[1]?.id, "cancelled"],
      ]);
      expect(await store.list({ tenant, subject: "bob" }, 10)).toEqual([]);
    });

    test("a launch is remembered while the job is queued, until it is claimed", async () => {
      const [store, tenant] = [await make(clock, 10), newTenant()];
      const job = newJob(tenant);
      await store.create(job);
      await store.noteLaunch(job, start + 5);
      expect(await store.get(tenant, job.id)).toEqual({ ...job, awaitedUntil: start + 5 });
      const lease = await claim(store, job);
      await store.noteLaunch(job, start + 6);
      expect(await store.get(tenant, job.id)).not.toHaveProperty("awaitedUntil");
      await store.release(lease, start + 7);
      await store.noteLaunch(job, start + 8);
      expect(await store.get(tenant, job.id)).not.toHaveProperty("awaitedUntil");
    });

    test("a lost worker's launch is forgotten", async () => {
      const [store, tenant] = [await make(clock, 10), newTenant()];
      const job = newJob(tenant);
      await store.create(job);
      await store.noteLaunch(job, start + 5);
      const counted = await store.countLost(tenant, job.id, { worker: "w-1", now: start + 6 });
      expect(counted).toMatchObject({ attempts: 1 });
      expect(counted).not.toHaveProperty("awaitedUntil");
    });
  });
}
