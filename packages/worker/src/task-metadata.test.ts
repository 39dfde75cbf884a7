import { expect, test } from "vitest";
import { parseTask } from "./task-metadata.ts";

const METADATA = {
  TaskARN: "arn:aws:ecs:eu-central-1:000000000000:task/zenode/1",
  Cluster: "zenode",
  Family: "zenode-worker",
  Revision: "7",
  Limits: { CPU: 0.5, Memory: 1024 },
  PullStartedAt: "2026-11-22T10:00:00.5Z",
};

test("a task's name, release, size and the start of its bill", () => {
  expect(parseTask(METADATA)).toEqual({
    arn: METADATA.TaskARN,
    cluster: "zenode",
    taskDefinition: "zenode-worker:7",
    cpu: 512,
    memoryMb: 1024,
    pullStartedAt: Date.UTC(2026, 10, 22, 10, 0, 0, 500),
  });
  expect(parseTask({ ...METADATA, PullStartedAt: undefined })).not.toHaveProperty("pullStartedAt");
});

test.each([
  ["names no task", { TaskARN: 1 }],
  ["names no task", { Cluster: undefined }],
  ["names no task definition", { Revision: undefined }],
  ["gives no size", { Limits: {} }],
])("metadata that %s is an error", (text, change) => {
  expect(() => parseTask({ ...METADATA, ...change })).toThrow(text);
});
