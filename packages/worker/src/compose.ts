import { mkdtemp, readdir, rm } from "node:fs/promises";
import path from "node:path";
import {
  type AwsClients,
  createAwsClients,
  DynamoDueProjects,
  DynamoEventLog,
  DynamoJobStore,
  DynamoLaunchQueue,
  DynamoSnapshotStore,
  DynamoTable,
  DynamoUsageStore,
  DynamoWarmWorkers,
  EcsWorkerLauncher,
  readAwsSettings,
  S3Bucket,
  S3PackStore,
  S3ResultStore,
  SqsWakeups,
} from "@zenode/aws";
import {
  type AnyTool,
  type Checkout,
  MIB,
  makeReaderCaches,
  type Principal,
  type Projects,
  StorageAccount,
  StoredProjects,
  ToolRegistry,
  type WorkerLauncher,
} from "@zenode/core";
import {
  CallProcesses,
  checkoutSnapshot,
  endLeftovers,
  findRipgrep,
  jsonLogger,
  nodeCodec,
  systemClock,
} from "@zenode/node";
import type { WorkerConfig } from "./config.ts";
import type { JobComputer, WorkerPorts } from "./run-job.ts";
import { readTask, type WorkerTask } from "./task-metadata.ts";
import type { LoopPorts } from "./work-loop.ts";

/** A worker that gives up costs a new one's start: it tries longer than a call in Lambda may. */
const ATTEMPTS = 10;

/** The container's name in the task definition (stacks/shape.ts). */
const WORKER_CONTAINER = "worker";

/** For what happens before anything is composed, too. */
export const logger = jsonLogger;

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
      await endLeftovers({ alone }, clock);
      await emptyFolder(workDir);
    },
    close: () => (alone ? Promise.resolve() : rm(workDir, { recursive: true, force: true })),
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
  const caches = makeReaderCaches(CACHE_BYTES);
  const storage = new StorageAccount({
    ...{ usage: new DynamoUsageStore({ table }), due: new DynamoDueProjects({ table }) },
    ...{ snapshots, clock, limits: config.storage },
  });
  const workspace = { snapshots, packs, codec: nodeCodec, clock, storage, caches };
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
    log: new DynamoEventLog({ table, bucket, clock }),
    registry: new ToolRegistry(tools),
    projects: (principal: Principal) => new StoredProjects({ principal, ...workspace }),
    computer: (projects, signal) => openComputer(workDir, projects, signal),
  };
}

async function emptyFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    await rm(path.join(folder, name), { recursive: true, force: true });
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

/** A folder of its own for one job; each project is brought to it once. */
async function openComputer(
  workDir: string,
  projects: Projects,
  signal: AbortSignal,
): Promise<JobComputer> {
  const root = await mkdtemp(path.join(workDir, "zenode-job-"));
  const checkouts = new Map<string, Promise<Checkout>>();
  const bring = async (project: string): Promise<Checkout> => {
    const snapshot = await projects.open(project);
    const folder = path.join(root, snapshot.project);
    await checkoutSnapshot(snapshot, folder, { signal });
    return { folder, snapshot: snapshot.number };
  };
  const processes = new CallProcesses();
  return {
    ripgrep: await findRipgrep(),
    start: (command) => processes.start(command),
    checkout(project) {
      const under = checkouts.get(project) ?? bring(project);
      checkouts.set(project, under);
      return under;
    },
    async dispose() {
      // What still runs may still write.
      await processes.end();
      await rm(root, { recursive: true, force: true });
    },
  };
}
