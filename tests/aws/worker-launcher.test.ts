import { createAwsClients, EcsWorkerLauncher } from "@zenode/aws";
import { type LaunchOrder, newId } from "@zenode/core";
import { expect, test } from "vitest";
import { CLUSTER, type EcsFixture, ecsWith } from "../emulator/ecs-fixture.ts";

function launcherFor({ ecs }: EcsFixture, change: { readonly taskDefinition?: string } = {}) {
  const clients = createAwsClients({
    region: "eu-central-1",
    endpoints: { ecs: ecs.endpoint },
    credentials: { accessKeyId: "LOCALKEY", secretAccessKey: "LOCALSECRET" },
  });
  return new EcsWorkerLauncher({
    clients,
    cluster: CLUSTER,
    taskDefinition: "worker",
    container: "main",
    subnets: ["subnet-1"],
    securityGroups: ["sg-1"],
    assignPublicIp: true,
    ...change,
  });
}

function newOrder(change: Partial<LaunchOrder> = {}): LaunchOrder {
  const id = newId("task");
  return { tenant: "t-acme", id, token: `${id}-1-0`, ...change };
}

test("a worker starts on Spot, knows its job, and is tagged with it", async () => {
  await using fixture = await ecsWith();
  const order = newOrder({ cpu: 1024, memoryMb: 4096, diskGb: 50 });
  const result = await launcherFor(fixture).launch(order);
  const [task] = fixture.ecs.tasks();
  expect(result).toEqual({ kind: "launched", taskArn: task?.taskArn });
  expect(task).toMatchObject({
    capacityProviderName: "FARGATE_SPOT",
    startedBy: "zenode",
    cpu: "1024",
    memory: "4096",
    ephemeralStorage: { sizeInGiB: 50 },
    tags: [
      { key: "tenant", value: "t-acme" },
      { key: "job", value: order.id },
    ],
  });
  const [container] = task?.overrides.containerOverrides ?? [];
  expect(container?.environment).toEqual([
    { name: "ZENODE_JOB", value: JSON.stringify({ tenant: "t-acme", id: order.id }) },
  ]);
});

test("launching again with the same token starts nothing more", async () => {
  await using fixture = await ecsWith();
  const order = newOrder();
  const first = await launcherFor(fixture).launch(order);
  expect(await launcherFor(fixture).launch(order)).toEqual(first);
  const resized = await launcherFor(fixture).launch({ ...order, cpu: 512, memoryMb: 1024 });
  expect(resized).toEqual(first);
  expect(fixture.ecs.tasks()).toHaveLength(1);
});

test("without Spot capacity the worker starts on demand", async () => {
  await using fixture = await ecsWith();
  fixture.faults.add({ service: "ecs", action: { kind: "no-capacity" }, times: 1 });
  expect(await launcherFor(fixture).launch(newOrder())).toMatchObject({ kind: "launched" });
  expect(fixture.ecs.tasks()).toMatchObject([{ capacityProviderName: "FARGATE" }]);
});

test.each(["no-capacity", "throttle", "error"] as const)(
  "%s is answered with later and its reason",
  async (kind) => {
    await using fixture = await ecsWith();
    fixture.faults.add({ service: "ecs", action: { kind } });
    const result = await launcherFor(fixture).launch(newOrder());
    expect(result).toEqual({ kind: "later", reason: expect.stringMatching(/\w/) });
    expect(fixture.ecs.tasks()).toHaveLength(0);
  },
);

test("a task definition that does not exist is no matter of waiting", async () => {
  await using fixture = await ecsWith();
  const launch = launcherFor(fixture, { taskDefinition: "none" }).launch(newOrder());
  await expect(launch).rejects.toMatchObject({ name: "UnavailableError" });
});
