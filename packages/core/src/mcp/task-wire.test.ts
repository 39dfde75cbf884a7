import { describe, expect, test } from "vitest";
import type { Job } from "../burst/job.ts";
import { makeJob } from "../testing/make-job.ts";
import { principal } from "./endpoint-harness.ts";
import { toDetailedTask, toHandle } from "./task-wire.ts";

const T0 = Date.UTC(2026, 10, 22, 12);

const JOB: Job = makeJob(
  { tool: "crunch", state: "running", fence: 1, attempts: 1, updatedAt: T0 + 1500 },
  principal(),
  T0,
);

const TASK = {
  taskId: JOB.id,
  createdAt: "2026-11-22T12:00:00.000Z",
  lastUpdatedAt: "2026-11-22T12:00:01.500Z",
  ttlMs: 3_600_000,
};

describe("a job as a task", () => {
  test.each(["queued", "claimed", "running"] as const)("%s is working", (state) => {
    expect(toHandle({ ...JOB, state }, T0)).toEqual({
      ...TASK,
      resultType: "task",
      status: "working",
      pollIntervalMs: 1000,
    });
  });

  test.each([
    [9_999, 1000],
    [10_000, 2000],
    [119_999, 2000],
    [120_000, 5000],
  ])("after %i ms it is worth asking every %i ms", (age, interval) => {
    expect(toHandle(JOB, T0 + age).pollIntervalMs).toBe(interval);
  });

  test("completed carries the result, a tool's own failure too [task-tool-failure-completes] [task-inlined]", () => {
    const result = { content: [{ type: "text" as const, text: "no" }], isError: true };
    const job = {
      ...JOB,
      state: "completed" as const,
      outcome: { kind: "result" as const, result },
    };
    expect(toDetailedTask(job, T0)).toEqual({
      ...TASK,
      status: "completed",
      result: { resultType: "complete", ...result },
    });
  });

  test("failed carries an error and says why, however the job was written [task-failed] [task-failed-message]", () => {
    const failed = { ...JOB, state: "failed" as const };
    const outcome = { kind: "error" as const, code: "worker_lost", message: "The worker stopped." };
    const error = { code: -32603, message: "The worker stopped." };
    const expected = { ...TASK, status: "failed", statusMessage: error.message, error };
    expect(toDetailedTask({ ...failed, outcome }, T0)).toEqual(expected);
    expect(toDetailedTask({ ...failed, statusMessage: error.message }, T0)).toEqual(expected);
  });

  test("cancelled carries neither", () => {
    const outcome = { kind: "error" as const, code: "cancelled", message: "x" };
    expect(toDetailedTask({ ...JOB, state: "cancelled", outcome }, T0)).toEqual({
      ...TASK,
      status: "cancelled",
    });
  });
});
