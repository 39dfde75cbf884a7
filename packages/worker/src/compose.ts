import { mkdtemp, readdir, rm } from "node:fs/promises";
import path from "node:path";
import {
  type AwsClients,
  createAwsClients,
  DynamoEventLog,
  DynamoJobStore,
  DynamoLaunchQueue,
  DynamoProjectChoices,
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
import { DynamoDueProjects, DynamoUsageStore } from "@zenode/aws/storage";
import {
  type AnyTool,
  announceCommits,
  ChangeBus,
  type Lease,
  MIB,
  makeReaderCaches,
  type Principal,
  type SandboxLimits,
  StoredProjects,
  StoredTransfers,
  ToolRegistry,
  type WorkerLauncher,
} from "@zenode/core";
import { openWriting, StorageAccount } from "@zenode/core/storage";
import {
  endLeftovers,
  jsonLogger,
  nodeCodec,
  openJobComputer,
  removeTree,
  systemClock,
} from "@zenode/node";
import type { WorkerConfig } from "./config.ts";
import type { WorkerPorts } from "./run-job.ts";
import { readTask, type WorkerTask } from "./task-metadata.ts";
import type { LoopPorts } from "./work-loop.ts";

/** A worker that gives up costs a new one's start: it tries longer than a call in Lambda may. */
const ATTEMPTS = 10;

/** The container's name in the task definition (stacks/shape.ts). */
const WORKER_CONTAINER = "worker";

/** For what happens before anything is composed, too. */
export const logger = jsonLogger;

/** Of a worker's memory: its own process, with a commit's packs. */
const WORKER_MB = 768;

/** What a job's readers keep of the packs it reads. */
const CACHE_BYTES = 96 * MIB;

export interface Composed extends LoopPorts {
  /** Removes the worker's own folder. */
  readonly close: () => Promise<void>;
}

/** Everything the worker is made of. What a job touches is made anew for each; only clients and their connections stay. */
export async function compose(config: WorkerConfig, tools: readonly AnyTool[]): Promise<Composed> {
  const { alone, lingerMs } = config;
  const clock = systemClock;
  const clients = createAwsClients({ ...readAwsSettings(process.env), maxAttempts: ATTEMPTS });
  const table = new DynamoTable({ clients, name: config.table, clock });
  const bucket = new S3Bucket({ clients, name: config.bucket });
  const task = await readTask(config.metadataUri);
  const { timeOrigin } = performance;
  const workDir = alone ? config.workDir : await mkdtemp(path.join(config.workDir, "zenode-"));
  return {
    task,
    clock,
    logger,
    warm: new DynamoWarmWorkers({ table }),
    // A bill that begins after the process would be another clock's.
    billedSince: Math.min(task.pullStartedAt ?? timeOrigin, timeOrigin),
    ...(lingerMs !== undefined && { lingerMs }),
    forJob: () => forJob({ task, config, clients, table, bucket, workDir }, tools),
    cleanUp: async () => {
      await endLeftovers({ alone, user: commandUser(config) }, clock);
      await emptyFolder(workDir);
    },
    close: () => (alone ? Promise.resolve() : rm(workDir, { recursive: true, force: true })),
  };
}

/** Foreign commands run as this user where the worker may change users: in the image as its \`node\`, elsewhere as nobody's. */
function commandUser({ alone }: WorkerConfig): number {
  return alone ? 1000 : 60_000 + (process.pid % 5_000);
}

/** What a command may take of its machine; the worker keeps the rest. */
function toLimits({ memoryMb }: WorkerTask): SandboxLimits {
  return {
    memoryBytes: Math.max(256, memoryMb - WORKER_MB) * MIB,
    processes: 512,
    diskBytes: 10 * 1024 * MIB,
  };
}

interface Machine {
  readonly task: WorkerTask;
  readonly config: WorkerConfig;
  readonly clients: AwsClients;
  readonly table: DynamoTable;
  readonly bucket: S3Bucket;
  readonly workDir: string;
}

function forJob(machine: Machine, tools: readonly AnyTool[]): WorkerPorts {
  const { task, config, clients, table, bucket, workDir } = machine;
  const clock = systemClock;
  const snapshots = new DynamoSnapshotStore({ table });
  const packs = new S3PackStore({ bucket });
  const log = new DynamoEventLog({ table, bucket, clock });
  const onCommit = announceCommits(new ChangeBus({ log, clock }), (cause, details) =>
    jsonLogger.error("change not published", cause, details),
  );
  const usage = new DynamoUsageStore({ table });
  const due = new DynamoDueProjects({ table });
  const storage = new StorageAccount({ usage, due, snapshots, clock, limits: config.storage });
  const writing = openWriting({ snapshots, packs, codec: nodeCodec, clock, storage, onCommit });
  const workspace = {
    snapshots,
    packs,
    choices: new DynamoProjectChoices({ table }),
    codec: nodeCodec,
    caches: makeReaderCaches(CACHE_BYTES),
    writing: async () => writing,
  };
  return {
    worker: task.arn,
    launcher: toLauncher(clients, task, config),
    queue: new DynamoLaunchQueue({ table }),
    wakeups: new SqsWakeups({ clients, queueUrl: config.queueUrl }),
    graceMs: config.graceMs,
    askPatienceMs: config.askPatienceMs,
    clock,
    logger,
    jobs: new DynamoJobStore({ table, bucket, clock }),
    results: new S3ResultStore({ bucket }),
    log,
    registry: new ToolRegistry(tools),
    projects: (principal: Principal, lease: Lease) =>
      new StoredProjects({ principal, lease, ...workspace }),
    transfers: (principal: Principal) =>
      new StoredTransfers({
        principal,
        store: new S3TransferStore({ bucket }),
        codec: nodeCodec,
        clock,
        writing: workspace.writing,
      }),
    computer: (projects, signal) => {
      const { alone, loopbackImports } = config;
      // Beside a deployment's credentials no command runs as the worker itself.
      const ways = ["namespaces", "user", ...(alone ? [] : ["none" as const])] as const;
      const limits = toLimits(task);
      const machine = { workDir, clock, limits, alone, ways, user: commandUser(config) } as const;
      return openJobComputer({ ...machine, projects, signal, loopbackImports });
    },
  };
}

async function emptyFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    await removeTree(path.join(folder, name));
  }
}

/** Workers like this one, for the children of its job. */
function toLauncher(
  clients: AwsClients,
  { cluster, taskDefinition }: WorkerTask,
  { subnets, securityGroups }: WorkerConfig,
): WorkerLauncher {
  const place = { cluster, taskDefinition, container: WORKER_CONTAINER, assignPublicIp: true };
  return new EcsWorkerLauncher({ clients, subnets, securityGroups, ...place });
}
