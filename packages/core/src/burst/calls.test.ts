import { expect, test } from "vitest";
import { RefusedError } from "../lib/error.ts";
import { defineTool } from "../tool/define-tool.ts";
import { text } from "../tool/tool-result.ts";
import { toBasisKey } from "./call-key.ts";
import { createCalls } from "./calls.ts";
import { ann, base, long, placeJob, quick, setUp } from "./calls-harness.ts";
import { jobStream } from "./job.ts";
import type { LaunchOrder } from "./launcher.ts";
import { recoverJob } from "./recover.ts";

const based = defineTool({
  ...base,
  name: "based",
  placement: { kind: "fargate" },
  basis: async ({ n }) => {
    if (n === 0) throw new RefusedError("not_found", "There is no 0.");
    if (n < 0) throw new Error("It broke.");
    return "demo@4";
  },
});
test("a job keeps what its tool says the result depends on; a refusal is left to the tool", async () => {
  const { place } = setUp();
  const jobOf = async (n: number) => {
    const placed = await place(based, n);
    return placed.kind === "burst" ? placed.job : undefined;
  };
  expect(await jobOf(1)).toMatchObject({ state: "queued", basis: await toBasisKey("demo@4") });
  expect(await jobOf(0)).toMatchObject({ state: "queued" });
  expect(await jobOf(0)).not.toHaveProperty("basis");
  await expect(jobOf(-1)).rejects.toThrow("It broke.");
});

test("a parked job gets a worker with its last answer, and is left alone before", async () => {
  const { place, ports, calls, jobs, clock, launcher } = setUp();
  const job = await placeJob(place);
  const target = { tenant: "t-a", id: job.id };
  const now = clock.now();
  await jobs.claim("t-a", job.id, { worker: "w-1", leaseUntil: now + 15_000, now });
  const lease = { ...target, fence: 1 };
  await jobs.start(lease, now);
  const request = { method: "roots/list" } as const;
  await jobs.ask(lease, { add: ["a", "b"].map((key) => ({ key, request })), drop: [] }, now);
  await jobs.park(lease, now);
  expect([await recoverJob(ports, target), await recoverJob(ports, target, "w-1")]).toEqual([
    "leave",
    "leave",
  ]);
  await calls.answer("t-a", job.id, { a: { roots: [] } });
  expect(launcher.launched).toHaveLength(1);
  await calls.answer("t-a", job.id, { b: { roots: [] } });
  expect(launcher.launched).toHaveLength(2);
  expect(await calls.job("t-a", job.id)).toMatchObject({ state: "queued", attempts: 1 });
});

test("a job is stored before it is launched, and can be found at once", async () => {
  const { place, calls, launcher } = setUp();
  const job = await placeJob(place);
  expect(await calls.job("t-a", job.id)).toMatchObject({ state: "queued", input: { n: 1 } });
  expect(await calls.job("t-b", job.id)).toBeUndefined();
  expect(launcher.launched).toMatchObject([{ tenant: "t-a", id: job.id }]);
});

test("a job and its worker have the size that the tool's limits ask for", async () => {
  const { launcher, calls, call, jobs } = setUp();
  const large = { ...long, limits: { ...long.limits, memoryMb: 9_000 } };
  const placed = await calls.place(call(large, 1));
  if (placed.kind !== "burst") throw new Error("expected a job");
  const size = { cpu: 2048, memoryMb: 9_216, diskGb: 30 };
  expect((await jobs.get("t-a", placed.job.id))?.size).toEqual(size);
  expect(launcher.launched).toMatchObject([size]);
});

test("a large result of a tool that runs here is kept as a task that has ended", async () => {
  const { calls, call, jobs } = setUp();
  const text = "0123456789abcde\n".repeat(10_000);
  const content = [{ type: "text", text } as const];
  const wordy = { ...quick, load: async () => async () => ({ content }) };
  const placed = await calls.place(call(wordy, 1));
  if (placed.kind !== "here") throw new Error("expected a call here");
  const caller = {
    progress: () => undefined,
    log: () => undefined,
    ask: () => Promise.reject(),
    answered: [],
    isWaiting: false,
  };
  const end = await placed.run(caller, new AbortController().signal);
  if (end.kind !== "result") throw new Error("expected a result");
  const { result } = end;
  const [kept] = await jobs.list(ann, 10);
  expect(kept).toMatchObject({ state: "completed", tool: quick.name, outcome: { result } });
  if (!kept) throw new Error("nothing was kept");
  expect((await calls.readPart(kept, 0)) === text).toBe(true);
  await expect(calls.readPart(kept, 1)).rejects.toMatchObject({ code: "not_found" });
});

test("the same call again finds the job that runs; another call does not", async () => {
  const { place, launcher } = setUp();
  const [first, again, other] = [
    await placeJob(place, 1),
    await placeJob(place, 1),
    await placeJob(place, 2),
  ];
  expect(again.id).toBe(first.id);
  expect(other.id).not.toBe(first.id);
  expect(launcher.launched).toHaveLength(2);
});

test("a follower gets the events to the end", async () => {
  const { place, calls, log } = setUp();
  const job = await placeJob(place);
  const events = [
    { kind: "progress", data: { progress: 1 } },
    { kind: "end", data: {} },
  ];
  await log.append(jobStream(job), 1, "w", events);
  const seen = [];
  for await (const event of calls.follow(job, 0, new AbortController().signal))
    seen.push(event.kind);
  expect(seen).toEqual(["progress", "end"]);
});

test("a follower does not wait for a worker that ended the job and died before it could say so", async () => {
  const { place, calls, jobs, clock } = setUp();
  const job = await placeJob(place);
  const claimed = await jobs.claim("t-a", job.id, {
    worker: "w-1",
    leaseUntil: clock.now() + 1000,
    now: clock.now(),
  });
  if (!claimed) throw new Error("not claimed");
  const lease = { tenant: "t-a", id: job.id, fence: claimed.fence };
  await jobs.finish(
    lease,
    { state: "completed", outcome: { kind: "result", result: text("done") } },
    clock.now(),
  );
  const seen = [];
  for await (const event of calls.follow(job, 0, new AbortController().signal)) seen.push(event);
  expect(seen).toEqual([]);
  expect(await calls.job("t-a", job.id)).toMatchObject({ state: "completed" });
});

test("a launch without capacity is tried again while somebody waits", async () => {
  const { place, ports, launcher, log } = setUp();
  launcher.setShortage("no capacity");
  const job = await placeJob(place);
  expect(launcher.launched).toEqual([]);
  launcher.setShortage(undefined);
  const endsAtLaunch = {
    launch: async (order: LaunchOrder) => {
      const result = await launcher.launch(order);
      await log.append(jobStream(job), 1, "w", [{ kind: "end", data: {} }]);
      return result;
    },
  };
  const calls = createCalls({ ...ports, launcher: endsAtLaunch });
  const seen = [];
  for await (const event of calls.follow(job, 0, new AbortController().signal))
    seen.push(event.kind);
  expect(seen).toEqual(["end"]);
  expect(launcher.launched).toMatchObject([{ id: job.id }]);
});

test("a worker's death brings another worker, three times; then the job fails and its log ends", async () => {
  const { place, ports, jobs, log, clock, launcher } = setUp();
  const job = await placeJob(place);
  const target = { tenant: "t-a", id: job.id };
  const recoveries = [];
  for (const worker of ["w-1", "w-2", "w-3"]) {
    const now = clock.now();
    await jobs.claim("t-a", job.id, { worker, leaseUntil: now + 15_000, now });
    recoveries.push(await recoverJob(ports, target, worker));
  }
  expect(recoveries).toEqual(["requeue", "requeue", "fail"]);
  expect(launcher.launched).toHaveLength(2);
  expect(await jobs.get("t-a", job.id)).toMatchObject({
    state: "failed",
    outcome: { kind: "error", code: "worker_lost" },
  });
  expect((await log.readAfter(jobStream(job), 0)).map(({ kind }) => kind)).toEqual(["end"]);
  expect(await recoverJob(ports, target, "w-3")).toBe("leave");
});

test("workers that die before they claim are replaced at once, three times at most, repeats or not", async () => {
  const { place, ports, jobs, launcher, wakeups } = setUp();
  const job = await placeJob(place);
  const target = { tenant: "t-a", id: job.id };
  const recoveries = [];
  for (const worker of ["w-1", "w-1", "w-2", "w-2", "w-3"]) {
    recoveries.push(await recoverJob(ports, target, worker));
  }
  expect(recoveries).toEqual(["launch", "leave", "delay", "delay", "fail"]);
  expect(launcher.launched).toHaveLength(2);
  expect(wakeups.take().slice(1)).toEqual(
    Array.from({ length: 2 }, () => ({
      wakeup: { kind: "retry", ...target },
      afterSeconds: 10,
    })),
  );
  expect(await jobs.get("t-a", job.id)).toMatchObject({ state: "failed", attempts: 3 });
});

test("a second worker that came too late does not take the job from the first", async () => {
  const { place, ports, jobs, clock, launcher } = setUp();
  const job = await placeJob(place);
  const now = clock.now();
  await jobs.claim("t-a", job.id, { worker: "w-1", leaseUntil: now + 15_000, now });
  expect(await recoverJob(ports, { tenant: "t-a", id: job.id }, "w-2")).toBe("leave");
  expect(await jobs.get("t-a", job.id)).toMatchObject({ state: "claimed", attempts: 1 });
  expect(launcher.launched).toHaveLength(1);
});
