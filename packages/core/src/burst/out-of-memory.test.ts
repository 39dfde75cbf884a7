import { expect, test } from "vitest";
import { MemoryEventLog } from "../testing/event-log-memory.ts";
import { MemoryJobStore } from "../testing/job-store-memory.ts";
import { makeJob } from "../testing/make-job.ts";
import { type Job, jobStream } from "./job.ts";
import { failOutOfMemory } from "./out-of-memory.ts";

const clock = { now: () => 1_000, sleep: async () => undefined };
const DEAD = { taskArn: "task/1", outOfMemoryMb: 2048 };

async function setUp(worker?: string) {
  const jobs = new MemoryJobStore(clock);
  const log = new MemoryEventLog(clock);
  const job: Job = makeJob({ tool: "crunch" }, { tenant: "t-a" }, 0);
  await jobs.create(job);
  if (worker !== undefined) {
    await jobs.claim("t-a", job.id, { worker, leaseUntil: 5_000, now: 1_000 });
  }
  const order = { tenant: "t-a", id: job.id };
  const kinds = async () => (await log.readAfter(jobStream(job), 0)).map(({ kind }) => kind);
  return { ports: { jobs, log, clock }, jobs, job, order, kinds };
}

test("the job of a worker that ran out of memory fails at once, and says with how much", async () => {
  const { ports, jobs, order, kinds } = await setUp("task/1");
  expect(await failOutOfMemory(ports, order, DEAD)).toBe(true);
  const message =
    "crunch needed more memory than its worker has (2048 MiB) and was stopped. The same call would end the same way: ask for less at once.";
  expect(await jobs.get("t-a", order.id)).toMatchObject({
    state: "failed",
    statusMessage: message,
    outcome: { kind: "error", code: "out_of_memory", message },
  });
  expect(await kinds()).toEqual(["end"]);
  expect(await failOutOfMemory(ports, order, DEAD)).toBe(false);
  expect(await kinds()).toEqual(["end"]);
});

test("a job that was taken back before the news came fails too", async () => {
  const { ports, jobs, order } = await setUp("task/1");
  await jobs.release({ ...order, fence: 1 }, 1_000);
  expect(await failOutOfMemory(ports, order, DEAD)).toBe(true);
});

test.each([
  ["another worker's job", "task/2", DEAD],
  ["a job that nobody claimed yet", undefined, DEAD],
  ["a worker that stopped for another reason", "task/1", { taskArn: "task/1" }],
])("%s is left to the usual recovery", async (_, worker, dead) => {
  const { ports, jobs, order } = await setUp(worker);
  expect(await failOutOfMemory(ports, order, dead)).toBe(false);
  expect((await jobs.get("t-a", order.id))?.outcome).toBeUndefined();
});
