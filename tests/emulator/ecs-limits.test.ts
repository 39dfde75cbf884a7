import {
  DescribeTasksCommand,
  RunTaskCommand,
  type Task,
  waitUntilTasksStopped,
} from "@aws-sdk/client-ecs";
import { expect, test } from "vitest";
import { processStart } from "../../packages/emulator/src/processes/process-identity.ts";
import { eventually } from "../harness/eventually.ts";
import { CLUSTER, type EcsFixture, ecsWith, runTaskInput, WORKER } from "./ecs-fixture.ts";

const HUNGRY = { ...WORKER, command: [process.execPath, "hungry.mjs"] };
const OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage";

async function stopped({ client }: EcsFixture, { taskArn = "" }: Task): Promise<Task> {
  const limits = { client, maxWaitTime: 30, minDelay: 0.05, maxDelay: 0.05 };
  await waitUntilTasksStopped(limits, { cluster: CLUSTER, tasks: [taskArn] });
  const command = new DescribeTasksCommand({ cluster: CLUSTER, tasks: [taskArn] });
  const task = (await client.send(command)).tasks?.[0];
  if (!task) throw new Error("The task is missing.");
  return task;
}

test("a container over its memory is killed, and ECS says why", async () => {
  await using fixture = await ecsWith({ taskDefinitions: [HUNGRY] });
  const task = await stopped(fixture, await fixture.run());
  expect(task).toMatchObject({
    memory: "512",
    stopCode: "EssentialContainerExited",
    stoppedReason: "Essential container in task exited",
    containers: [{ exitCode: 137, reason: OUT_OF_MEMORY }],
  });
  expect(fixture.events.at(-1)?.detail).toMatchObject({
    lastStatus: "STOPPED",
    memory: "512",
    containers: [{ exitCode: 137, reason: OUT_OF_MEMORY }],
  });
});

test("memory is counted with what the container started; the largest process is killed", async () => {
  await using fixture = await ecsWith({ taskDefinitions: [HUNGRY] });
  const task = await stopped(fixture, await fixture.run({ MODE: "child" }));
  expect(fixture.lines.map(({ text }) => text)).toContain("child null SIGKILL");
  expect(task.containers?.[0]).toMatchObject({ exitCode: 5 });
  expect(task.containers?.[0]?.reason).toBeUndefined();
});

test("a larger size holds what a smaller one does not", async () => {
  await using fixture = await ecsWith({ taskDefinitions: [HUNGRY] });
  const overrides = { cpu: "512", memory: "1024" };
  const task = await stopped(fixture, await fixture.run({}, { overrides }));
  expect(task).toMatchObject({ cpu: "512", memory: "1024" });
  const { startedAt, executionStoppedAt } = task;
  expect(Number(executionStoppedAt) - Number(startedAt)).toBeGreaterThan(0);
  expect(task.containers?.[0]?.reason).toBe(OUT_OF_MEMORY);
});

test("a container takes along what left its group, its session and its parent", async () => {
  await using fixture = await ecsWith({ taskDefinitions: [HUNGRY] });
  const running = await fixture.run({ MODE: "leave-behind" });
  const left = Number(await fixture.logged("left"));
  await stopped(fixture, running);
  await eventually("the process to end", () => processStart(left) === undefined);
});

test.each([
  [undefined, 20],
  [{ sizeInGiB: 21 }, 21],
  [{ sizeInGiB: 200 }, 200],
])("ephemeral storage %j is told as %i GiB", async (ephemeralStorage, expected) => {
  await using fixture = await ecsWith();
  const task = await fixture.run({}, { overrides: ephemeralStorage ? { ephemeralStorage } : {} });
  expect(task.ephemeralStorage).toEqual({ sizeInGiB: expected });
});

test.each([20, 201])("ephemeral storage of %i GiB is refused", async (sizeInGiB) => {
  await using fixture = await ecsWith();
  const input = runTaskInput({}, { overrides: { ephemeralStorage: { sizeInGiB } } });
  await expect(fixture.client.send(new RunTaskCommand(input))).rejects.toThrow(/21 and 200 GiB/);
});
