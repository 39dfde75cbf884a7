import path from "node:path";
import type { CloudTemplate, FunctionTemplate, UserTemplate } from "@zenode/emulator";
import { bundledHandler, WORKER_BUNDLE } from "../../../../scripts/bundles.ts";
import * as shape from "../../../../stacks/shape.ts";
import { CLI_CLIENT_ID } from "../oauth/cli-client.ts";

export const PLACE = { account: "000000000000", region: "us-east-1" } as const;
const TABLE = "zenode";
const BUCKET = "zenode";
const CLUSTER = "zenode";
const WAKEUPS = "wakeups";
const WAKEUPS_FAILED = "wakeups-failed";
const POOL_ID = "us-east-1_zenode";
const STAGE = "local";
/** Letters and digits, as Cognito's own: Basic credentials encode everything else, which not everybody decodes. */
const UPSTREAM_CLIENT_ID = "zenodeupstream";
/** Of the stand-in on this machine alone, whose users anybody here can sign in as. */
const UPSTREAM_CLIENT_SECRET = "local";

export interface LocalSettings {
  /** Folder with one bundle per function and the worker's. */
  readonly bundles: string;
  readonly users: readonly UserTemplate[];
  /** Of `ZENODE_STATE_KEYS`. */
  readonly stateKeys: string;
  /** Folder of the workers' checkouts; absent: the system's temporary one, as in a container. */
  readonly workDir?: string;
  /** How long a worker waits for its tenant's next job, see the worker's `PaidTime`; absent: while it is paid for. */
  readonly lingerMs?: number;
  /** Whether repositories may be imported by http from 127.0.0.1, where a test serves them. */
  readonly loopbackImports?: boolean;
  /** Further exact callbacks of the public client; `http://127.0.0.1:<port>/…`. */
  readonly callbackUrls?: readonly string[];
  /** Concurrent invocations of the mcp function at most. */
  readonly concurrency?: number;
  readonly limits?: CloudTemplate["api"]["limits"];
  /** Replaces the handler's bundle of a function, e.g. by one with the conformance pack. */
  readonly handlers?: Partial<Record<shape.FunctionName, string>>;
  /** Changes what would be deployed, e.g. adds functions to compare with. */
  readonly adjust?: (template: CloudTemplate) => CloudTemplate;
}

/** `{origin}`, `{issuer}` and `{queue:NAME}` are filled in by the emulator, as references are by CloudFormation. */
const VALUES: Readonly<Record<Exclude<shape.Variable, "stateKeys">, string>> = {
  table: TABLE,
  bucket: BUCKET,
  cluster: CLUSTER,
  taskDefinition: "zenode-worker:1",
  subnets: "subnet-local",
  securityGroups: "sg-local",
  userPoolId: POOL_ID,
  issuer: "{issuer}",
  clientIds: `${CLI_CLIENT_ID},${UPSTREAM_CLIENT_ID}`,
  upstreamClientId: UPSTREAM_CLIENT_ID,
  upstreamClientSecret: UPSTREAM_CLIENT_SECRET,
  publicUrl: "{origin}",
  stage: STAGE,
  queueUrl: `{queue:${WAKEUPS}}`,
  ...shape.limits,
};

function environment(
  names: readonly shape.Variable[],
  { stateKeys }: LocalSettings,
): Record<string, string> {
  const values = { ...VALUES, stateKeys };
  return Object.fromEntries(names.map((name) => [shape.variables[name], values[name]]));
}

function toFunction(name: shape.FunctionName, settings: LocalSettings): FunctionTemplate {
  const { handler, memoryMb, timeoutSeconds, environment: names } = shape.functions[name];
  return {
    name,
    codeDir: path.join(settings.bundles, name),
    handler: settings.handlers?.[name] ?? bundledHandler(handler),
    memoryMb,
    timeoutSeconds,
    environment: environment(names, settings),
    ...(settings.concurrency !== undefined &&
      name === "mcp" && { concurrency: settings.concurrency }),
  };
}

/** The deployment that `stacks/` describes for AWS, as the local cloud takes it. Both read `stacks/shape.ts`. */
export function localTemplate(settings: LocalSettings): CloudTemplate {
  const template = toTemplate(settings);
  return settings.adjust?.(template) ?? template;
}

function toTemplate(settings: LocalSettings): CloudTemplate {
  const { cli, upstream, resourceServer, scopes } = shape.identity;
  const { callbackPaths, ...upstreamClient } = upstream;
  return {
    place: PLACE,
    tables: [{ name: TABLE, ...shape.table }],
    // As in AWS, where nobody who reads it may list it.
    buckets: [
      { name: BUCKET, expire: shape.bucket.expire, cors: [shape.bucket.cors], hidesMissing: true },
    ],
    userPool: {
      id: POOL_ID,
      resourceServers: [{ identifier: resourceServer, scopes: scopes.map(({ name }) => name) }],
      clients: [
        {
          clientId: CLI_CLIENT_ID,
          flows: ["code"],
          ...cli,
          callbackUrls: [...cli.callbackUrls, ...(settings.callbackUrls ?? [])],
        },
        {
          clientId: UPSTREAM_CLIENT_ID,
          secret: UPSTREAM_CLIENT_SECRET,
          flows: ["code"],
          ...upstreamClient,
          callbackUrls: callbackPaths.map((path) => `{origin}${path}`),
        },
      ],
      users: settings.users,
    },
    functions: (Object.keys(shape.functions) as shape.FunctionName[]).map((name) =>
      toFunction(name, settings),
    ),
    taskDefinitions: [toTaskDefinition(settings)],
    cluster: CLUSTER,
    api: {
      id: "zenodelocal",
      stage: STAGE,
      routes: shape.routes.map(({ function: functionName, ...route }) => ({
        ...route,
        functionName,
      })),
      gatewayResponses: shape.gatewayResponses,
      authorizerTtlSeconds: shape.authorizerTtlSeconds,
      ...(settings.limits && { limits: settings.limits }),
    },
    rules: [
      {
        name: "stopped-tasks",
        source: shape.stoppedTasks.source,
        detailType: shape.stoppedTasks.detailType,
        detail: { lastStatus: [shape.stoppedTasks.lastStatus] },
        functionName: shape.stoppedTasks.function,
      },
    ],
    schedules: [
      {
        name: "collection",
        expression: shape.collection.schedule,
        functionName: shape.collection.function,
      },
    ],
    ...toWakeups(),
  };
}

function toWakeups(): Pick<CloudTemplate, "queues" | "eventSources"> {
  const { function: functionName, visibilityTimeoutSeconds, maxReceiveCount } = shape.wakeups;
  const { retentionSeconds, batchSize, batchingWindowSeconds, maximumConcurrency } = shape.wakeups;
  return {
    queues: [
      { name: WAKEUPS_FAILED, retentionSeconds },
      {
        name: WAKEUPS,
        visibilityTimeoutSeconds,
        retentionSeconds,
        redrive: { deadLetterQueue: WAKEUPS_FAILED, maxReceiveCount },
      },
    ],
    eventSources: [
      {
        queue: WAKEUPS,
        functionName,
        batchSize,
        batchingWindowSeconds,
        maximumConcurrency,
        reportBatchItemFailures: true,
      },
    ],
  };
}

function toTaskDefinition(settings: LocalSettings): CloudTemplate["taskDefinitions"][number] {
  const { bundles, workDir, lingerMs, loopbackImports } = settings;
  return {
    family: "zenode-worker",
    containerName: shape.worker.containerName,
    command: [process.execPath, path.join(bundles, WORKER_BUNDLE, "main.mjs")],
    cwd: path.join(bundles, WORKER_BUNDLE),
    environment: {
      ...environment(shape.worker.environment, settings),
      ...(workDir !== undefined && { ZENODE_WORK_DIR: workDir }),
      ...(lingerMs !== undefined && { ZENODE_LINGER_MS: String(lingerMs) }),
      ...(loopbackImports && { ZENODE_LOOPBACK_IMPORTS: "1" }),
    },
    cpu: String(shape.worker.cpuUnits),
    memory: String(shape.worker.memoryMb),
    ephemeralStorageGb: shape.worker.storageGb,
    stopTimeoutSeconds: shape.worker.stopTimeoutSeconds,
  };
}
