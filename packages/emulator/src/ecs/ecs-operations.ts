import type { Place } from "../template.ts";
import { clientError, EcsError } from "./ecs-error.ts";
import type { EcsService, TaskFate } from "./ecs-service.ts";
import type { RunTaskInput } from "./run-task-request.ts";
import { describeTaskDefinition, taskDefinitionArn } from "./task-definition.ts";

/** The operations' inputs as AWS names them; the SDK has checked their types. */
export interface EcsInput extends RunTaskInput {
  readonly tasks?: readonly string[];
  readonly task?: string;
  readonly reason?: string;
  readonly include?: readonly string[];
  readonly family?: string;
  readonly desiredStatus?: string;
  readonly maxResults?: number;
  readonly nextToken?: string;
}

export interface EcsOperationContext {
  readonly service: EcsService;
  readonly place: Place;
  readonly cluster: string;
  readonly fate: TaskFate;
  readonly capacity: boolean;
}

type Operation = (input: EcsInput, context: EcsOperationContext) => unknown;

const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries({ RunTask, DescribeTasks, StopTask, ListTasks, DescribeTaskDefinition }),
);

const NO_CAPACITY =
  "Capacity is unavailable at this time. Please try again later or in a different availability zone";

/** Carries out one operation of the ECS API (version 2014-11-13). Throws EcsError. */
export function runOperation(
  operation: string,
  input: EcsInput,
  context: EcsOperationContext,
): unknown {
  const run = OPERATIONS.get(operation);
  if (run === undefined) {
    throw new EcsError("UnknownOperationException", `The local cloud has no ${operation}.`);
  }
  if (operation !== "DescribeTaskDefinition") requireCluster(input.cluster, context);
  return run(input, context);
}

function requireCluster(reference = "default", context: EcsOperationContext): void {
  if (reference === context.cluster || reference === context.service.clusterArn) return;
  throw new EcsError("ClusterNotFoundException", "Cluster not found.");
}

function RunTask(input: EcsInput, { service, fate, capacity }: EcsOperationContext) {
  const tasks = capacity ? service.runTask(input, fate) : undefined;
  return tasks ? { tasks, failures: [] } : { tasks: [], failures: [{ reason: NO_CAPACITY }] };
}

function DescribeTasks(input: EcsInput, { service, place, cluster }: EcsOperationContext) {
  const withTags = input.include?.includes("TAGS") ?? false;
  const described = (input.tasks ?? []).map((reference) => ({
    reference,
    task: service.find(reference),
  }));
  const arn = (reference: string) =>
    reference.startsWith("arn:")
      ? reference
      : `arn:aws:ecs:${place.region}:${place.account}:task/${cluster}/${reference}`;
  return {
    tasks: described.flatMap(({ task }) =>
      task === undefined ? [] : withTags ? task : { ...task, tags: [] },
    ),
    failures: described.flatMap(({ reference, task }) =>
      task === undefined ? { arn: arn(reference), reason: "MISSING" } : [],
    ),
  };
}

function StopTask(input: EcsInput, { service }: EcsOperationContext) {
  const reason = input.reason ?? "Task stopped by user";
  return { task: service.stop(input.task ?? "", "UserInitiated", reason) };
}

function ListTasks(input: EcsInput, { service, place }: EcsOperationContext) {
  const { desiredStatus = "RUNNING", maxResults = 100 } = input;
  const { family, startedBy } = input;
  const ofFamily = family === undefined ? undefined : taskDefinitionArn(place, family);
  const matching = service
    .tasks()
    .filter(
      (task) =>
        task.desiredStatus === desiredStatus &&
        (ofFamily === undefined || task.taskDefinitionArn === ofFamily) &&
        (startedBy === undefined || task.startedBy === startedBy),
    );
  const from = Number(input.nextToken ?? 0);
  const to = from + maxResults;
  return {
    taskArns: matching.slice(from, to).map(({ taskArn }) => taskArn),
    ...(to < matching.length ? { nextToken: String(to) } : {}),
  };
}

function DescribeTaskDefinition(input: EcsInput, { service, place }: EcsOperationContext) {
  try {
    return describeTaskDefinition(place, service.taskDefinition(input.taskDefinition ?? ""));
  } catch (cause) {
    if (cause instanceof EcsError) throw clientError("Unable to describe task definition.");
    throw cause;
  }
}
