import {
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
  waitUntilTasksRunning,
  waitUntilTasksStopped,
} from "@aws-sdk/client-ecs";
import { expect, test } from "vitest";
import { processStart } from "../../packages/emulator/src/processes/process-identity.ts";
import { CLUSTER, type EcsFixture, ecsWith, runTaskInput, WORKER } from "./ecs-fixture.ts";

/** For what other processes do on a busy machine. */
const PATIENCE = { timeout: 20_000 };

const SPOT = { capacityProviderStrategy: [{ capacityProvider: "FARGATE_SPOT", weight: 1 }] };

const arnOf = ({ taskArn = "" }: Task) => taskArn;

async function describe(fixture: EcsFixture, taskArn: string): Promise<Task | undefined> {
  const command = new DescribeTasksCommand({
    cluster: CLUSTER,
    tasks: [taskArn],
    include: ["TAGS"],
  });
  return (await fixture.client.send(command)).tasks?.[0];
}

async function stopped(fixture: EcsFixture, task: Task): Promise<Task> {
  const limits = { client: fixture.client, maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.05 };
  await waitUntilTasksStopped(limits, { cluster: CLUSTER, tasks: [arnOf(task)] });
  const found = await describe(fixture, arnOf(task));
  if (found === undefined) throw new Error("The task is missing.");
  return found;
}

const statuses = ({ events }: EcsFixture) => events.map(({ detail }) => detail.lastStatus);

test("a task runs with its own environment, command, metadata and credentials", async () => {
  process.env.EMULATOR_SECRET = "leaks";
  await using fixture = await ecsWith({ baseEnvironment: { BASE: "1" } });
  const task = await fixture.run(
    {},
    {
      startedBy: "job-1",
      tags: [{ key: "tenant", value: "t1" }],
      overrides: {
        cpu: "512",
        memory: "1024",
        containerOverrides: [
          {
            name: "main",
            command: [process.execPath, "worker.mjs", "argument"],
            environment: [{ name: "OVERRIDDEN", value: "yes" }],
          },
        ],
      },
    },
  );
  expect(task).toMatchObject({ lastStatus: "PROVISIONING", desiredStatus: "RUNNING", cpu: "512" });
  const limits = { client: fixture.client, maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.05 };
  await waitUntilTasksRunning(limits, { cluster: CLUSTER, tasks: [arnOf(task)] });
  const facts = JSON.parse(await fixture.logged("facts"));
  delete process.env.EMULATOR_SECRET;
  expect(facts.argv).toEqual(["argument"]);
  expect(facts.environment).toMatchObject({
    BASE: "1",
    FROM_TEMPLATE: "yes",
    OVERRIDDEN: "yes",
    AWS_REGION: "eu-central-1",
  });
  expect(facts.environment.EMULATOR_SECRET).toBeUndefined();
  expect(facts.environment.HOME).toBeUndefined();
  expect(facts.task).toMatchObject({
    TaskARN: task.taskArn,
    Family: "worker",
    Revision: "1",
    LaunchType: "FARGATE",
    Limits: { CPU: 0.5, Memory: 1024 },
  });
  expect(facts.container).toMatchObject({ Name: "main" });
  expect(facts.credentials).toMatchObject({ AccessKeyId: "LOCALKEY", Token: "LOCALTOKEN" });
  const running = await describe(fixture, arnOf(task));
  expect(running).toMatchObject({
    lastStatus: "RUNNING",
    startedBy: "job-1",
    tags: [{ key: "tenant", value: "t1" }],
  });
  expect(running?.startedAt).toBeInstanceOf(Date);
});

test("the SDK in a task finds its credentials", async () => {
  const definition = { ...WORKER, command: [process.execPath, "echo-credentials.mjs"] };
  await using fixture = await ecsWith({ taskDefinitions: [definition] });
  await fixture.run();
  expect(await fixture.logged("credentials")).toBe("LOCALKEY true");
});

test("StopTask lets the task end by itself; each change is an event", async () => {
  await using fixture = await ecsWith();
  const task = await fixture.run();
  await fixture.logged("up");
  const stop = new StopTaskCommand({ cluster: CLUSTER, task: arnOf(task), reason: "cancelled" });
  const answer = await fixture.client.send(stop);
  expect(answer.task).toMatchObject({ desiredStatus: "STOPPED", stopCode: "UserInitiated" });
  expect(await stopped(fixture, task)).toMatchObject({
    stopCode: "UserInitiated",
    stoppedReason: "cancelled",
    containers: [{ lastStatus: "STOPPED", exitCode: 0 }],
  });
  expect(fixture.lines.map(({ text }) => text)).toContain("SIGTERM");
  expect(statuses(fixture).filter((status, at, all) => status !== all[at - 1])).toEqual([
    "PROVISIONING",
    "PENDING",
    "RUNNING",
    "DEACTIVATING",
    "STOPPING",
    "DEPROVISIONING",
    "STOPPED",
  ]);
  const last = fixture.events.at(-1);
  expect(last).toMatchObject({
    version: "0",
    source: "aws.ecs",
    "detail-type": "ECS Task State Change",
    account: "000000000000",
    region: "eu-central-1",
    resources: [task.taskArn],
    detail: {
      taskArn: task.taskArn,
      clusterArn: "arn:aws:ecs:eu-central-1:000000000000:cluster/local",
      lastStatus: "STOPPED",
      stopCode: "UserInitiated",
      stoppedReason: "cancelled",
    },
  });
  expect(last?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  expect(last?.detail.stoppedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const versions = fixture.events.map(({ detail }) => detail.version);
  expect(versions).toEqual(versions.map((_, index) => index + 1));
});

test("a task that ignores SIGTERM is killed at its stop timeout, with its children", async () => {
  await using fixture = await ecsWith();
  const task = await fixture.run({ MODE: "stubborn" });
  await fixture.logged("up");
  const startedAt = performance.now();
  await fixture.client.send(new StopTaskCommand({ cluster: CLUSTER, task: arnOf(task) }));
  expect(await stopped(fixture, task)).toMatchObject({ containers: [{ exitCode: 137 }] });
  expect(performance.now() - startedAt).toBeGreaterThan(950);
});

test("with the main process all its children end", async () => {
  await using fixture = await ecsWith();
  const task = await fixture.run({ MODE: "parent-exit" });
  const child = await fixture.logged("child");
  expect(await stopped(fixture, task)).toMatchObject({
    stopCode: "EssentialContainerExited",
    containers: [{ exitCode: 0 }],
  });
  await expect.poll(() => processStart(Number(child)), PATIENCE).toBeUndefined();
});

test("a task's own exit code is kept", async () => {
  await using fixture = await ecsWith();
  const task = await fixture.run({ MODE: "exit" });
  expect(await stopped(fixture, task)).toMatchObject({
    stopCode: "EssentialContainerExited",
    stoppedReason: "Essential container in task exited",
    containers: [{ exitCode: 3 }],
  });
});

test("a command that cannot be started stops the task", async () => {
  const definition = { ...WORKER, command: ["no-such-command"] };
  await using fixture = await ecsWith({ taskDefinitions: [definition] });
  expect(await stopped(fixture, await fixture.run())).toMatchObject({
    stopCode: "TaskFailedToStart",
    stoppedReason: expect.stringContaining("CannotStartContainerError"),
  });
});

test("a task can be stopped before it starts", async () => {
  await using fixture = await ecsWith({ provisionMs: 60_000 });
  const task = await fixture.run();
  await fixture.client.send(new StopTaskCommand({ cluster: CLUSTER, task: arnOf(task) }));
  expect(await stopped(fixture, task)).toMatchObject({ stopCode: "UserInitiated" });
  expect(statuses(fixture)).not.toContain("RUNNING");
});

test("a Spot interruption is told by an event while the task still runs", async () => {
  await using fixture = await ecsWith();
  const task = await fixture.run({}, SPOT);
  expect(task.capacityProviderName).toBe("FARGATE_SPOT");
  await fixture.logged("up");
  fixture.ecs.spotInterrupt(arnOf(task));
  expect(await stopped(fixture, task)).toMatchObject({
    stopCode: "SpotInterruption",
    stoppedReason: "Your Spot Task was interrupted.",
  });
  const notice = fixture.events.find(({ detail }) => detail.stopCode === "SpotInterruption");
  expect(notice?.detail).toMatchObject({ lastStatus: "RUNNING", desiredStatus: "STOPPED" });
});

test("kill ends a task without a word", async () => {
  await using fixture = await ecsWith();
  const task = await fixture.run();
  await fixture.logged("up");
  expect(fixture.ecs.kill(arnOf(task))).toBe(true);
  expect(await stopped(fixture, task)).toMatchObject({
    stopCode: "EssentialContainerExited",
    containers: [{ exitCode: 137 }],
  });
});

test("the same client token returns the same task, other parameters with it are a conflict", async () => {
  await using fixture = await ecsWith();
  const first = await fixture.run({ JOB: "1" }, { clientToken: "token" });
  const second = await fixture.run({ JOB: "1" }, { clientToken: "token" });
  expect(second.taskArn).toBe(first.taskArn);
  expect(fixture.ecs.tasks()).toHaveLength(1);
  await expect(fixture.run({ JOB: "2" }, { clientToken: "token" })).rejects.toMatchObject({
    name: "ConflictException",
    resourceIds: [first.taskArn],
  });
});

test("tasks are listed by status, family and who started them", async () => {
  await using fixture = await ecsWith();
  const kept = await fixture.run({}, { startedBy: "a" });
  const other = await fixture.run({ MODE: "exit" }, { startedBy: "b" });
  await stopped(fixture, other);
  const list = async (filter: object) =>
    (await fixture.client.send(new ListTasksCommand({ cluster: CLUSTER, ...filter }))).taskArns;
  expect(await list({})).toEqual([kept.taskArn]);
  expect(await list({ desiredStatus: "STOPPED" })).toEqual([other.taskArn]);
  expect(await list({ startedBy: "a" })).toEqual([kept.taskArn]);
  expect(await list({ startedBy: "b" })).toEqual([]);
  expect(await list({ family: "other" })).toEqual([]);
});

test("unknown tasks are failures, unknown definitions and clusters are errors", async () => {
  await using fixture = await ecsWith();
  const { client } = fixture;
  const command = new DescribeTasksCommand({ cluster: CLUSTER, tasks: ["nope"] });
  expect((await client.send(command)).failures).toEqual([
    { arn: "arn:aws:ecs:eu-central-1:000000000000:task/local/nope", reason: "MISSING" },
  ]);
  const stop = new StopTaskCommand({ cluster: CLUSTER, task: "nope" });
  await expect(client.send(stop)).rejects.toMatchObject({ name: "InvalidParameterException" });
  await expect(client.send(new StopTaskCommand({ task: "nope" }))).rejects.toMatchObject({
    name: "ClusterNotFoundException",
  });
  const define = (taskDefinition: string) =>
    client.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  expect((await define("worker:1")).taskDefinition).toMatchObject({
    taskDefinitionArn: "arn:aws:ecs:eu-central-1:000000000000:task-definition/worker:1",
    containerDefinitions: [{ name: "main", stopTimeout: 1 }],
  });
  await expect(define("worker:2")).rejects.toMatchObject({ name: "ClientException" });
});

test.each([
  ["no network", { networkConfiguration: undefined }, "InvalidParameterException"],
  ["no such definition", { taskDefinition: "absent" }, "ClientException"],
  ["eleven at once", { count: 11 }, "InvalidParameterException"],
  ["launch type and strategy", { ...SPOT, launchType: "FARGATE" }, "InvalidParameterException"],
  ["a size Fargate lacks", { overrides: { cpu: "256", memory: "8192" } }, "ClientException"],
  [
    "overrides over 8192 characters",
    {
      overrides: {
        containerOverrides: [
          { name: "main", environment: [{ name: "X", value: "x".repeat(8192) }] },
        ],
      },
    },
    "InvalidParameterException",
  ],
  [
    "an override for another container",
    { overrides: { containerOverrides: [{ name: "other" }] } },
    "InvalidParameterException",
  ],
])("RunTask refuses %s", async (_, input, name) => {
  await using fixture = await ecsWith();
  const command = new RunTaskCommand({ ...runTaskInput(), ...(input as object) });
  await expect(fixture.client.send(command)).rejects.toMatchObject({ name });
  expect(fixture.ecs.tasks()).toEqual([]);
});

test("faults: throttling, server error, no capacity, lost answer, kill, Spot interruption", async () => {
  await using fixture = await ecsWith();
  const { faults, client } = fixture;
  const once = { service: "ecs", operation: "RunTask", times: 1 } as const;
  const run = () => client.send(new RunTaskCommand(runTaskInput({}, SPOT)));
  faults.add({ ...once, action: { kind: "throttle" } });
  await expect(run()).rejects.toMatchObject({ name: "ThrottlingException" });
  faults.add({ ...once, action: { kind: "error" } });
  await expect(run()).rejects.toMatchObject({ name: "ServerException" });
  faults.add({ ...once, action: { kind: "no-capacity" } });
  expect(await run()).toMatchObject({
    tasks: [],
    failures: [{ reason: expect.stringMatching(/^Capacity is unavailable at this time/) }],
  });
  expect(fixture.ecs.tasks()).toHaveLength(0);
  faults.add({ ...once, action: { kind: "lose-answer" } });
  await expect(run()).rejects.toThrow();
  expect(fixture.ecs.tasks()).toHaveLength(1);
  faults.add({ ...once, action: { kind: "kill", afterMs: 10 } });
  const killed = (await run()).tasks?.[0] ?? {};
  expect(await stopped(fixture, killed)).toMatchObject({ containers: [{ exitCode: 137 }] });
  faults.add({ ...once, action: { kind: "spot-interruption", afterMs: 200 } });
  const interrupted = (await run()).tasks?.[0] ?? {};
  expect(await stopped(fixture, interrupted)).toMatchObject({ stopCode: "SpotInterruption" });
});

test("there is room for as many tasks as is said; an earlier call's task is answered all the same", async () => {
  await using fixture = await ecsWith();
  const run = (clientToken: string) =>
    fixture.client.send(new RunTaskCommand({ ...runTaskInput(), clientToken }));
  fixture.ecs.setMaxTasks(1);
  const first = (await run("one")).tasks?.[0];
  expect(await run("two")).toMatchObject({
    tasks: [],
    failures: [{ reason: expect.stringMatching(/^Capacity is unavailable at this time/) }],
  });
  expect((await run("one")).tasks?.[0]?.taskArn).toBe(first?.taskArn);
  await fixture.client.send(new StopTaskCommand({ cluster: CLUSTER, task: first?.taskArn }));
  await stopped(fixture, first ?? {});
  expect((await run("two")).tasks).toHaveLength(1);
  fixture.ecs.setMaxTasks(undefined);
  expect((await run("three")).tasks).toHaveLength(1);
});

test("after a restart a task that ran is stopped, and its event is published", async () => {
  await using first = await ecsWith();
  const task = await first.run({ MODE: "parent" }, { clientToken: "token" });
  const child = await first.logged("child");
  await first.ecs.close();
  await expect.poll(() => processStart(Number(child)), PATIENCE).toBeUndefined();
  await using second = await ecsWith({ dir: first.dir });
  expect(second.events.map(({ detail }) => [detail.taskArn, detail.lastStatus])).toEqual([
    [task.taskArn, "STOPPED"],
  ]);
  expect(await describe(second, arnOf(task))).toMatchObject({
    lastStatus: "STOPPED",
    stoppedReason: "The local cloud ended while the task ran.",
    containers: [{ exitCode: 137 }],
  });
  const again = await second.run({ MODE: "parent" }, { clientToken: "token" });
  expect(again.taskArn).toBe(task.taskArn);
});

test("a port that is taken is told by name", async () => {
  await using fixture = await ecsWith();
  const dir = `${fixture.dir}/other`;
  await expect(ecsWith({ dir, port: fixture.ecs.port })).rejects.toMatchObject({
    code: "PORT_TAKEN",
  });
});
