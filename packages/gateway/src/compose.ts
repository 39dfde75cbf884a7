import {
  createAwsClients,
  createTokenVerifier,
  DynamoEventLog,
  DynamoJobStore,
  DynamoLaunchQueue,
  DynamoPlacementHistory,
  DynamoProjectChoices,
  DynamoSessionStore,
  DynamoSnapshotStore,
  DynamoTable,
  DynamoWarmWorkers,
  EcsWorkerLauncher,
  readAwsSettings,
  S3Bucket,
  S3PackStore,
  S3ResultStore,
  S3TransferStore,
  SqsWakeups,
} from "@zenode/aws";
import {
  type AnyTool,
  announceCommits,
  ChangeBus,
  createCalls,
  dispatch,
  type JobId,
  type Look,
  lookAfter,
  type PlacementHistory,
  type Principal,
  type Projects,
  type Recovery,
  type RecoveryPorts,
  recoverStopped,
  StoredProjects,
  StoredTransfers,
  type TailPace,
  ToolRegistry,
  type Transfers,
  taskResults,
  type Wakeup,
  WarmFirstLauncher,
  type WarmWorkers,
  workspaceFiles,
} from "@zenode/core";
import { createMcpEndpoint, type McpPorts, parseStateKeys } from "@zenode/core/mcp";
import { jsonLogger, nodeCodec, systemClock } from "@zenode/node";
import { catalogue, prompts as promptCatalogue } from "@zenode/tools";
import { type GatewayConfig, mcpUrl, type ReaperConfig, resourceMetadataUrl } from "./config.ts";
import type { StoppedWorker } from "./events/stopped-worker.ts";
import { type App, createApp, type Handle } from "./http/app.ts";
import type { Writes } from "./writing/compose.ts";

/** The container's name in the task definition (stacks/shape.ts). */
const WORKER_CONTAINER = "worker";

/** Tools, prompts and resources beside our own, and other limits; the conformance pack comes this way. */
export interface Extension
  extends Pick<McpPorts, "limits" | "nativeTools" | "nativePrompts" | "prompts" | "resources"> {
  readonly tools?: readonly AnyTool[];
}

/** Failures that are told to nobody else. */
const report = (cause: unknown) => jsonLogger.error("mcp", cause);

/** Everything the mcp Lambda is made of. */
export function compose(config: GatewayConfig, extension: Extension = {}): App {
  const { table, bucket, history, ...recovery } = composeStores(config);
  const { clock, log } = recovery;
  const pace = toPace(config);
  const workspace = composeWorkspace(config, { table, bucket, clock, log });
  const { projects, transfers, api } = workspace;
  const { tools = [], prompts = [], resources = [], ...native } = extension;
  const results = new S3ResultStore({ bucket });
  const calls = createCalls({
    ...recovery,
    ...{ results, projects, transfers, history, report },
    ...pace,
    ...toHere(config),
  });
  const mcp = createMcpEndpoint({
    registry: new ToolRegistry([...catalogue, ...tools]),
    prompts: [...promptCatalogue, ...prompts],
    resources: [workspaceFiles, taskResults(calls), ...resources],
    projects,
    calls,
    sessions: new DynamoSessionStore({ table, clock }),
    log,
    clock,
    ...pace,
    requestStateKeys: parseStateKeys(config.stateKeys),
    serverInfo: { name: "zenode", version: "0.1.0", title: "zenode" },
    resourceMetadataUrl: resourceMetadataUrl(config),
    allowedOrigins: [config.publicUrl, ...config.allowedOrigins],
    report,
    ...native,
  });
  return createApp({
    verify: createTokenVerifier({
      issuer: config.issuer,
      clientIds: config.clientIds,
      resource: mcpUrl(config),
      requireAudience: true,
    }),
    resourceMetadataUrl: resourceMetadataUrl(config),
    mcp: (request, call) => mcp.handle(request, call),
    api,
    onError: (cause, request) =>
      jsonLogger.error("request failed", cause, {
        method: request.method,
        path: new URL(request.url).pathname,
      }),
  });
}

/** Projects, what comes and goes past the server, and the surface of programs that move files. */
interface Workspace {
  readonly projects: (principal: Principal) => Projects;
  readonly transfers: (principal: Principal) => Transfers;
  readonly api: Handle;
}

function composeWorkspace(
  { storage: limits }: GatewayConfig,
  { table, bucket, clock, log }: Pick<Stores, "table" | "bucket" | "clock" | "log">,
): Workspace {
  const snapshots = new DynamoSnapshotStore({ table });
  const onCommit = announceCommits(new ChangeBus({ log, clock }), (cause, details) =>
    jsonLogger.error("change not published", cause, details),
  );
  const stores = { snapshots, packs: new S3PackStore({ bucket }), codec: nodeCodec };
  let loaded: Promise<Writes> | undefined;
  const load = () => {
    loaded ??= import("./writing/compose.ts").then(({ composeWrites }) =>
      composeWrites({ ...stores, table, clock, limits, onCommit, projects, transfers }),
    );
    return loaded;
  };
  const choices = new DynamoProjectChoices({ table });
  const writing = async () => (await load()).writing;
  const projects = (principal: Principal) =>
    new StoredProjects({ principal, choices, writing, ...stores });
  const store = new S3TransferStore({ bucket });
  const transfers = (principal: Principal) =>
    new StoredTransfers({ principal, store, codec: nodeCodec, clock, writing });
  const api: Handle = async (request, context) => (await load()).api(request, context);
  return { projects, transfers, api };
}

function toPace({ logPollMs }: GatewayConfig): { readonly pace?: TailPace } {
  return logPollMs === undefined ? {} : { pace: { fastestMs: logPollMs, slowestMs: logPollMs } };
}

function toHere({ hereMs }: GatewayConfig): { readonly hereMs?: number } {
  return hereMs === undefined ? {} : { hereMs };
}

/** Of the functions that create jobs. */
function toBound({ jobsPerTenant }: { readonly jobsPerTenant?: number }) {
  return jobsPerTenant === undefined ? {} : { jobsPerTenant };
}

/** What became of a stopped worker's jobs, and how many others got the room that came free. */
export interface Reaped {
  readonly recoveries: ReadonlyMap<JobId, Recovery>;
  readonly launched: number;
}

/** Recovery of jobs whose worker is known to be gone, and what waited for its room. */
export function composeReaper(config: ReaperConfig): (worker: StoppedWorker) => Promise<Reaped> {
  const ports = composeStores(config);
  return async (worker) => {
    const recoveries = await recoverStopped(ports, worker);
    return { recoveries, launched: await dispatch(ports, true) };
  };
}

/** Looks at jobs, one for each message. */
export function composeWatch(config: ReaperConfig): (wakeup: Wakeup) => Promise<Look> {
  const ports = composeStores(config);
  return (wakeup) => lookAfter(ports, wakeup);
}

/** For failures that are no request's. */
export const logger = jsonLogger;

interface Stores extends RecoveryPorts {
  readonly table: DynamoTable;
  readonly bucket: S3Bucket;
  readonly warm: WarmWorkers;
  readonly history: PlacementHistory;
}

function composeStores(
  config: ReaperConfig & Partial<Pick<GatewayConfig, "jobsPerTenant">>,
): Stores {
  const clock = systemClock;
  const clients = createAwsClients(readAwsSettings(process.env));
  const table = new DynamoTable({ clients, name: config.table, clock });
  const bucket = new S3Bucket({ clients, name: config.bucket });
  const warm = new DynamoWarmWorkers({ table });
  const { taskDefinition } = config;
  const cold = new EcsWorkerLauncher({
    clients,
    cluster: config.cluster,
    taskDefinition,
    container: WORKER_CONTAINER,
    subnets: config.subnets,
    securityGroups: config.securityGroups,
    assignPublicIp: true,
  });
  return {
    table,
    bucket,
    clock,
    warm,
    history: new DynamoPlacementHistory({ table, clock }),
    jobs: new DynamoJobStore({ table, bucket, clock, ...toBound(config) }),
    queue: new DynamoLaunchQueue({ table }),
    wakeups: new SqsWakeups({ clients, queueUrl: config.queueUrl }),
    log: new DynamoEventLog({ table, bucket, clock }),
    launcher: new WarmFirstLauncher({ warm, cold, clock, logger: jsonLogger, taskDefinition }),
  };
}
