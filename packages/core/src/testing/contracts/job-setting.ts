import type { Job, Lease } from "../../burst/job.ts";
import type { JobEnd, JobStore } from "../../burst/job-store.ts";
import type { Clock } from "../../lib/clock.ts";
import { SECOND } from "../../lib/duration.ts";
import { makeJob } from "../make-job.ts";

/** A store that knows the time from the given clock. */
export type MakeJobStore = (clock: Pick<Clock, "now">) => JobStore | Promise<JobStore>;

export const TENANT = "t-contract";

export const DONE: JobEnd = {
  state: "completed",
  outcome: { kind: "result", result: { content: [{ type: "text", text: "41 files" }] } },
};

export const LOST: JobEnd = {
  state: "failed",
  outcome: { kind: "error", code: "worker_lost", message: "The worker stopped." },
  statusMessage: "The worker stopped.",
};

/** What contracts of a JobStore begin with: a clock, and jobs in stores of their own. */
export function jobSetting(make: MakeJobStore) {
  // Real time, so that a store that deletes what is over deletes nothing of these tests.
  const start = Date.now();
  const clock = { time: start, now: () => clock.time };
  const leaseUntil = start + 15 * SECOND;

  const input = { project: "demo", top: 5, nested: [null, true, 1.5, "ü"] };
  const owner = { tenant: TENANT, scopes: new Set(["read", "write"] as const) };
  const newJob = (change: Partial<Job> = {}) => makeJob({ input, ...change }, owner, start);

  async function created(change: Partial<Job> = {}) {
    const store = await make(clock);
    const job = newJob(change);
    await store.create(job);
    return {
      store,
      job,
      claim: () => store.claim(TENANT, job.id, { worker: "w-1", leaseUntil, now: start + 1 }),
    };
  }

  async function claimed(change: Partial<Job> = {}) {
    const { store, job, claim } = await created(change);
    await claim();
    const lease: Lease = { tenant: TENANT, id: job.id, fence: 1 };
    return { store, job, lease, claim };
  }

  return { start, clock, leaseUntil, newJob, created, claimed };
}

export function count(answers: readonly unknown[], answer: unknown): number {
  return answers.filter((each) => each === answer).length;
}

export function times<T>(number: number, call: () => Promise<T>): Promise<readonly T[]> {
  return Promise.all(Array.from({ length: number }, call));
}
