import { expect, test } from "vitest";
import { readStoppedWorker } from "./stopped-worker.ts";

const id = `task_${"0123456789abcdef".repeat(2)}`;
const taskArn = "arn:aws:ecs:us-east-1:000000000000:task/zenode/1";
const overrides = (value: string) => ({
  containerOverrides: [
    {
      environment: [
        { name: "OTHER", value: "x" },
        { name: "ZENODE_JOB", value },
      ],
    },
  ],
});

test("a stopped worker is known by the job in its overrides", () => {
  const detail = {
    taskArn,
    lastStatus: "STOPPED",
    stoppedReason: "Spot",
    overrides: overrides(JSON.stringify({ tenant: "t-a", id })),
  };
  expect(readStoppedWorker(detail)).toEqual({ tenant: "t-a", id, taskArn, reason: "Spot" });
});

test.each([
  [
    "a task that still runs",
    { lastStatus: "RUNNING", overrides: overrides(JSON.stringify({ tenant: "t-a", id })) },
  ],
  ["a task without a job", { lastStatus: "STOPPED", overrides: { containerOverrides: [{}] } }],
  [
    "a job id of another form",
    {
      lastStatus: "STOPPED",
      overrides: overrides(JSON.stringify({ tenant: "t-a", id: "task_1" })),
    },
  ],
])("%s is passed over", (_, detail) => {
  expect(readStoppedWorker({ taskArn, ...detail })).toBeUndefined();
});

test.each([
  [
    "the container was killed for it",
    { exitCode: 137, reason: "OutOfMemoryError: Container killed due to memory usage" },
    true,
  ],
  ["Node.js gave up at its heap's limit", { exitCode: 134 }, true],
  ["it was killed for another reason", { exitCode: 137 }, false],
  ["it ended by itself", { exitCode: 0 }, false],
])("out of memory, when %s", (_, container, expected) => {
  const worker = readStoppedWorker({
    taskArn,
    lastStatus: "STOPPED",
    memory: "2048",
    containers: [container],
    overrides: overrides(JSON.stringify({ tenant: "t-a", id })),
  });
  expect(worker?.outOfMemoryMb).toBe(expected ? 2048 : undefined);
});

test.each([
  ["exit code 0", [{ exitCode: 0 }], true],
  ["SIGKILL", [{ exitCode: 137 }], undefined],
  ["a container that never started", [{}], undefined],
  ["no container", [], undefined],
])("whether it ended by itself, with %s", (_, containers, expected) => {
  const worker = readStoppedWorker({
    taskArn,
    lastStatus: "STOPPED",
    containers,
    overrides: overrides(JSON.stringify({ tenant: "t-a", id })),
  });
  expect(worker?.endedItself).toBe(expected);
});
