import { localTemplate } from "@zenode/cli";
import { USUAL_WORKER } from "@zenode/core";
import { beforeAll, expect, test } from "vitest";
import { worker } from "../../stacks/shape.ts";
import { readRoutes } from "../stacks/rest-api.ts";
import type { SynthGraph } from "../stacks/synth/graph.ts";
import { synthesise } from "../stacks/synth/synthesise.ts";

/** What runs on one machine is what is deployed: the synthesised graph beside the local template. */
const local = localTemplate({ bundles: "/bundles", users: [], stateKeys: "keys" });
let graph: SynthGraph;

beforeAll(async () => {
  graph = await synthesise({ stage: "test" });
}, 120_000);

const names = (environment: unknown) =>
  Object.keys(environment as Record<string, string>).filter((name) => name.startsWith("ZENODE_"));

test("the same routes, streamed or not, asking for the same scopes", () => {
  const deployed = Object.entries(readRoutes(graph)).map(([route, { method, integration }]) => [
    route,
    {
      streaming: integration.responseTransferMode === "STREAM",
      scopes: method.authorizationScopes,
    },
  ]);
  const here = local.api.routes.map(({ method, path, streaming, scopes }) => [
    `${method} ${path}`,
    { streaming, scopes },
  ]);
  expect(Object.fromEntries(here)).toEqual(Object.fromEntries(deployed));
});

test("the same functions: handler, memory, time, variables", () => {
  const deployed = graph.ofType("aws:lambda/function:Function").map(({ name, inputs }) => [
    name.replace(/Function$/, "").toLowerCase(),
    {
      memory: inputs.memorySize,
      timeout: inputs.timeout,
      variables: names(
        (inputs.environment as { variables?: unknown } | undefined)?.variables ?? {},
      ).sort(),
    },
  ]);
  const here = local.functions.map(({ name, memoryMb, timeoutSeconds, environment }) => [
    name,
    { memory: memoryMb, timeout: timeoutSeconds, variables: names(environment).sort() },
  ]);
  expect(Object.fromEntries(deployed)).toMatchObject(Object.fromEntries(here));
  expect(local.functions.map(({ handler }) => handler)).toEqual([
    "mcp.handler",
    "metadata.handler",
    "oauth.handler",
    "reaper.handler",
    "watch.handler",
    "collect.handler",
  ]);
});

test("the same queue: times, dead letters, and how its messages are consumed", () => {
  const [failed, queue] = local.queues;
  const deployed = graph.get("aws:sqs/queue:Queue", "Wakeups").inputs;
  expect(deployed).toMatchObject({
    visibilityTimeoutSeconds: queue?.visibilityTimeoutSeconds,
    messageRetentionSeconds: queue?.retentionSeconds,
  });
  expect(JSON.parse(String(deployed.redrivePolicy)).maxReceiveCount).toBe(
    queue?.redrive?.maxReceiveCount,
  );
  expect(queue?.redrive?.deadLetterQueue).toBe(failed?.name);
  const [source] = local.eventSources;
  expect(graph.get("aws:lambda/eventSourceMapping:EventSourceMapping").inputs).toMatchObject({
    batchSize: source?.batchSize,
    maximumBatchingWindowInSeconds: source?.batchingWindowSeconds,
    functionResponseTypes: source?.reportBatchItemFailures ? ["ReportBatchItemFailures"] : [],
    scalingConfig: { maximumConcurrency: source?.maximumConcurrency },
    functionName: expect.stringMatching(/WatchFunction/),
  });
});

test("the same schedule for the collector", () => {
  const rule = graph.get("aws:cloudwatch/eventRule:EventRule", "Collection").inputs;
  const deployed = { expression: rule.scheduleExpression, functionName: "collect" };
  expect(local.schedules).toMatchObject([deployed]);
});

test("the same table", () => {
  const [table] = local.tables;
  expect(graph.get("aws:dynamodb/table:Table").inputs).toMatchObject({
    hashKey: table?.hashKey,
    rangeKey: table?.rangeKey,
    ttl: { attributeName: table?.ttlAttribute },
  });
});

test("the same worker: container, size, stop timeout, variables", () => {
  const [task] = local.taskDefinitions;
  const { inputs } = graph.get("aws:ecs/taskDefinition:TaskDefinition");
  expect(inputs).toMatchObject({ cpu: task?.cpu, memory: task?.memory });
  const [container] = JSON.parse(String(inputs.containerDefinitions));
  expect(container).toMatchObject({
    name: task?.containerName,
    stopTimeout: task?.stopTimeoutSeconds,
  });
  const variables = container.environment.map(({ name }: { name: string }) => name);
  expect(variables.filter((name: string) => name.startsWith("ZENODE_")).sort()).toEqual(
    names(task?.environment).sort(),
  );
});

test("a worker is as large as launchers take it to be when they ask for no size", () => {
  const [task] = local.taskDefinitions;
  const { cpu, memoryMb } = USUAL_WORKER;
  expect([task?.cpu, task?.memory]).toEqual([String(cpu), String(memoryMb)]);
});

test("the same app clients: the command line's, and the authorization server's", () => {
  const origin = String(graph.outputs.url);
  const deployed = ["CliClient", "UpstreamClient"].map((name) => {
    const { inputs } = graph.get("aws:cognito/userPoolClient:UserPoolClient", name);
    return [inputs.callbackUrls, inputs.allowedOauthScopes, inputs.generateSecret];
  });
  const here = local.userPool.clients.map(({ callbackUrls, scopes, secret }) => [
    callbackUrls.map((url) => url.replace("{origin}", origin)),
    scopes,
    secret !== undefined,
  ]);
  expect(here).toEqual(deployed);
});

test("tools that ask for a part of a worker's size get the deployed rest", () => {
  const { cpuUnits, memoryMb, storageGb } = worker;
  expect(USUAL_WORKER).toEqual({ cpu: cpuUnits, memoryMb, diskGb: storageGb });
});
