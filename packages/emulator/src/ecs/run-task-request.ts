import type { TaskDefinitionTemplate } from "../template.ts";
import { placeByStrategy, type StrategyItem } from "./capacity-policy.ts";
import { clientError, invalidParameter } from "./ecs-error.ts";
import { isFargateSize } from "./fargate-size-policy.ts";
import type { ContainerOverride, EphemeralStorage, Tag, TaskOverrides } from "./task.ts";

/** All container overrides of a call, as JSON (ECS API Reference, "TaskOverride"). */
const MAX_OVERRIDES_CHARACTERS = 8192;
const MAX_TAGS = 50;
const PROVIDERS = new Set(["FARGATE", "FARGATE_SPOT"]);

/** The members of the RunTask input that mean something here, as the SDK sends them. */
export interface RunTaskInput {
  readonly cluster?: string;
  readonly taskDefinition?: string;
  readonly count?: number;
  readonly launchType?: string;
  readonly capacityProviderStrategy?: readonly Partial<StrategyItem>[];
  readonly networkConfiguration?: { readonly awsvpcConfiguration?: unknown };
  readonly overrides?: Partial<TaskOverrides>;
  readonly startedBy?: string;
  readonly group?: string;
  readonly tags?: readonly Tag[];
  readonly clientToken?: string;
}

/** What is to be run; `providers` has one entry per task. */
export interface RunTaskRequest {
  readonly definition: TaskDefinitionTemplate;
  readonly providers: readonly (string | undefined)[];
  readonly overrides: TaskOverrides;
  readonly cpu: string;
  readonly memory: string;
  readonly ephemeralStorage: EphemeralStorage;
  readonly startedBy: string | undefined;
  readonly group: string;
  readonly tags: readonly Tag[];
}

/** Checks a RunTask input as strictly as ECS does for Fargate. Throws EcsError. */
export function parseRunTask(
  input: RunTaskInput,
  definition: TaskDefinitionTemplate,
): RunTaskRequest {
  if (input.networkConfiguration?.awsvpcConfiguration === undefined) {
    throw invalidParameter(
      "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    );
  }
  if ((input.tags?.length ?? 0) > MAX_TAGS) throw invalidParameter("Too many tags.");
  if ((input.startedBy?.length ?? 0) > 128) {
    throw invalidParameter("startedBy must be at most 128 characters.");
  }
  const overrides = parseOverrides(input.overrides, definition);
  const cpu = overrides.cpu ?? definition.cpu;
  const memory = overrides.memory ?? definition.memory;
  if (!isFargateSize(cpu, memory)) {
    throw clientError("No Fargate configuration exists for given values.");
  }
  return {
    definition,
    providers: providersOf(input),
    overrides,
    cpu,
    memory,
    ephemeralStorage: parseStorage(overrides, definition),
    startedBy: input.startedBy,
    group: input.group ?? `family:${definition.family}`,
    tags: input.tags ?? [],
  };
}

/** GiB that an override may ask for (ECS API Reference, "EphemeralStorage"). */
const STORAGE_GIB = { least: 21, most: 200 };

function parseStorage(
  { ephemeralStorage }: TaskOverrides,
  { ephemeralStorageGb = 20 }: TaskDefinitionTemplate,
): EphemeralStorage {
  if (ephemeralStorage === undefined) return { sizeInGiB: ephemeralStorageGb };
  const { sizeInGiB } = ephemeralStorage;
  if (sizeInGiB >= STORAGE_GIB.least && sizeInGiB <= STORAGE_GIB.most) return { sizeInGiB };
  throw invalidParameter(
    `Ephemeral storage must be between ${STORAGE_GIB.least} and ${STORAGE_GIB.most} GiB.`,
  );
}

function parseOverrides(
  overrides: RunTaskInput["overrides"] = {},
  definition: TaskDefinitionTemplate,
): TaskOverrides {
  const containerOverrides: readonly ContainerOverride[] = overrides.containerOverrides ?? [];
  if (JSON.stringify(containerOverrides).length > MAX_OVERRIDES_CHARACTERS) {
    throw invalidParameter(
      `Container Overrides length must be at most ${MAX_OVERRIDES_CHARACTERS}`,
    );
  }
  const unknown = containerOverrides.find(({ name }) => name !== definition.containerName);
  if (unknown !== undefined) {
    throw invalidParameter(
      `Override for container named ${unknown.name} is not a container in the TaskDefinition.`,
    );
  }
  return { ...overrides, containerOverrides };
}

function providersOf(input: RunTaskInput): (string | undefined)[] {
  const count = input.count ?? 1;
  if (!Number.isInteger(count) || count < 1 || count > 10) {
    throw invalidParameter("Count must be between 1 and 10.");
  }
  const strategy = input.capacityProviderStrategy ?? [];
  if (strategy.length === 0) {
    if (input.launchType === "FARGATE") return Array.from({ length: count }, () => undefined);
    throw invalidParameter("The local cloud has Fargate only: name it as launch type or provider.");
  }
  if (input.launchType !== undefined) {
    throw invalidParameter(
      "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
    );
  }
  const items = strategy.map(({ capacityProvider = "", weight = 0, base = 0 }) => {
    if (!PROVIDERS.has(capacityProvider)) {
      throw invalidParameter(
        `The specified capacity provider '${capacityProvider}' was not found.`,
      );
    }
    return { capacityProvider, weight, base };
  });
  const placed = placeByStrategy(items, count);
  if (placed.length < count) {
    throw invalidParameter("At least one capacity provider must have a weight greater than 0.");
  }
  return placed;
}
