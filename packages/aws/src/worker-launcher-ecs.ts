import type { RunTaskCommandInput, RunTaskCommandOutput } from "@aws-sdk/client-ecs";
import type { LaunchOrder, LaunchResult, WorkerLauncher } from "@zenode/core";
import { isAwsException, toPlatformError } from "./aws-failure.ts";
import type { AwsClients } from "./clients.ts";
import { checked, checkTenant } from "./key.ts";

export interface EcsWorkerLauncherOptions {
  readonly clients: AwsClients;
  readonly cluster: string;
  /** Family, family:revision or ARN. */
  readonly taskDefinition: string;
  /** Name of the worker's container in the task definition. */
  readonly container: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  /** True in public subnets, where the task reaches AWS over its own address. */
  readonly assignPublicIp: boolean;
}

/** Cheapest first. */
const CAPACITY_PROVIDERS = ["FARGATE_SPOT", "FARGATE"] as const;
type CapacityProvider = (typeof CAPACITY_PROVIDERS)[number];

/** This provider has no place; another one may. */
interface NoCapacity {
  readonly kind: "no-capacity";
  readonly reason: string;
}

/** Room for a suffix in RunTask's 64 characters. */
const TOKEN = /^[A-Za-z0-9_-]{1,62}$/;

/** Exceptions that pass by themselves (Amazon ECS API reference, RunTask and common errors; throttling after the SDK's own attempts). */
const PASSING = [
  "ThrottlingException",
  "Throttling",
  "RequestLimitExceeded",
  "TooManyRequestsException",
  "LimitExceededException",
  "ServerException",
  "ServiceUnavailable",
  "TimeoutError",
];

/**
 * Fargate tasks by RunTask: on Spot, and on demand where Spot has no capacity. Each of the two has
 * its own client token, so a repeat starts nothing twice; should Spot get capacity between two
 * repeats, the job's claim lets only one of the workers have it.
 */
export class EcsWorkerLauncher implements WorkerLauncher {
  readonly #options: EcsWorkerLauncherOptions;

  constructor(options: EcsWorkerLauncherOptions) {
    this.#options = options;
  }

  async launch(order: LaunchOrder): Promise<LaunchResult> {
    let reason = "no capacity";
    for (const provider of CAPACITY_PROVIDERS) {
      const result = await this.#runTask(toRunTask(this.#options, order, provider));
      if (result.kind !== "no-capacity") return result;
      reason = result.reason;
    }
    return { kind: "later", reason };
  }

  /** @throws UnavailableError for what waiting does not mend: rights, a wrong task definition. */
  async #runTask(input: RunTaskCommandInput): Promise<LaunchResult | NoCapacity> {
    const [{ RunTaskCommand }, client] = await Promise.all([
      import("@aws-sdk/client-ecs"),
      this.#options.clients.ecs(),
    ]);
    try {
      return toResult(await client.send(new RunTaskCommand(input)));
    } catch (cause) {
      const started = startedBefore(cause);
      if (started !== undefined) return { kind: "launched", taskArn: started };
      if (isNoCapacity(cause)) return { kind: "no-capacity", reason: cause.message };
      if (isAwsException(cause, ...PASSING)) return { kind: "later", reason: cause.message };
      throw toPlatformError("ECS", "RunTask", cause);
    }
  }
}

function toRunTask(
  options: EcsWorkerLauncherOptions,
  order: LaunchOrder,
  provider: CapacityProvider,
): RunTaskCommandInput {
  const token = checked("launch token", TOKEN, order.token);
  const tenant = checkTenant(order.tenant);
  return {
    cluster: options.cluster,
    taskDefinition: options.taskDefinition,
    count: 1,
    clientToken: provider === "FARGATE" ? `${token}.d` : token,
    startedBy: "zenode",
    capacityProviderStrategy: [{ capacityProvider: provider, weight: 1 }],
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: [...options.subnets],
        securityGroups: [...options.securityGroups],
        assignPublicIp: options.assignPublicIp ? "ENABLED" : "DISABLED",
      },
    },
    overrides: {
      ...(order.cpu !== undefined && { cpu: String(order.cpu) }),
      ...(order.memoryMb !== undefined && { memory: String(order.memoryMb) }),
      ...(order.diskGb !== undefined && { ephemeralStorage: { sizeInGiB: order.diskGb } }),
      containerOverrides: [
        {
          name: options.container,
          environment: [{ name: "ZENODE_JOB", value: JSON.stringify({ tenant, id: order.id }) }],
        },
      ],
    },
    tags: [
      { key: "tenant", value: tenant },
      { key: "job", value: order.id },
    ],
  };
}

/** RunTask answers 200 with `failures` when no place was found for the task. */
function toResult({ tasks, failures }: RunTaskCommandOutput): LaunchResult | NoCapacity {
  const taskArn = tasks?.[0]?.taskArn;
  if (taskArn) return { kind: "launched", taskArn };
  const { reason, detail } = failures?.[0] ?? {};
  const said = [reason, detail].filter((each) => each !== undefined).join(": ");
  return { kind: "no-capacity", reason: said || "no capacity" };
}

/** The task that an earlier request with this token started, though it asked with other parameters. */
function startedBefore(cause: unknown): string | undefined {
  if (!isAwsException(cause, "ConflictException")) return undefined;
  return (cause as { readonly resourceIds?: readonly string[] }).resourceIds?.[0];
}

/** Account limits and capacity may come as a ClientException that only its text tells from a mistake. */
function isNoCapacity(cause: unknown): cause is Error {
  return (
    isAwsException(cause, "ClientException") && /capacity|limit on the number/i.test(cause.message)
  );
}
