import { describe, expect, test } from "vitest";
import type { Job } from "../../burst/job.ts";
import { HOUR } from "../../lib/duration.ts";
import { makeJob } from "../make-job.ts";
import type { MakeJobStore } from "./job-setting.ts";

/** Ended jobs that are kept, and the list of a caller's jobs. */
export function jobListContract(name: string, make: MakeJobStore): void {
  const start = Date.now();
  const clock = { time: start, now: () => clock.time };

  const newJob = (subject: string, change: Partial<Job> = {}) =>
    makeJob(change, { tenant: "t-list", subject }, start);

  const outcome: NonNullable<Job["outcome"]> = {
    kind: "result",
    result: { content: [{ type: "text", text: "the beginning" }] },
    stored: [{ kind: "text", mimeType: "text/plain", characters: 70_000, bytes: 70_001 }],
  };

  describe(`${name} as JobStore: kept jobs and lists`, () => {
    const subject = () => crypto.randomUUID();

    test("a job keeps the size of its worker", async () => {
      const store = await make(clock);
      const job = newJob(subject(), { size: { cpu: 2048, memoryMb: 9216, diskGb: 100 } });
      await store.create(job);
      expect((await store.get("t-list", job.id))?.size).toEqual(job.size);
    });

    test("a kept job comes back with its outcome, and is nobody's to claim", async () => {
      const store = await make(clock);
      const job = newJob(subject(), { state: "completed", outcome });
      await store.keep(job);
      await store.keep(job);
      expect(await store.get("t-list", job.id)).toEqual(job);
      const claim = { worker: "w", leaseUntil: start + 1, now: start };
      expect(await store.claim("t-list", job.id, claim)).toBeUndefined();
      expect(await store.get("t-other", job.id)).toBeUndefined();
    });

    test("a kept job does not stand for its call", async () => {
      const store = await make(clock);
      const kept = newJob(subject(), { state: "completed", outcome });
      await store.keep(kept);
      const same = { ...newJob(kept.principal.subject), callKey: kept.callKey };
      expect(await store.create(same)).toMatchObject({ created: true });
    });

    test("a list has its caller's own jobs, newest first", async () => {
      const store = await make(clock);
      const [one, other] = [subject(), subject()];
      const jobs = [1, 2, 3].map((n) => newJob(one, { createdAt: start + n }));
      for (const job of jobs) await store.create(job);
      await store.create(newJob(other));
      const kept = newJob(one, { createdAt: start + 9, state: "completed", outcome });
      await store.keep(kept);
      const ids = (list: readonly Job[]) => list.map(({ id }) => id);
      const expected = [kept.id, ...ids(jobs).reverse()];
      const owner = { tenant: "t-list", subject: one };
      expect(ids(await store.list(owner, 10))).toEqual(expected);
      expect(ids(await store.list(owner, 2))).toEqual(expected.slice(0, 2));
      expect(await store.list({ tenant: "t-other", subject: one }, 10)).toEqual([]);
      clock.time = start + HOUR;
      expect(await store.list(owner, 10)).toEqual([]);
      clock.time = start;
    });
  });
}
