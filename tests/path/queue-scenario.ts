import {
  createAwsClients,
  DynamoEventLog,
  DynamoJobStore,
  DynamoLaunchQueue,
  DynamoPlacementHistory,
  DynamoProjectChoices,
  DynamoSnapshotStore,
  DynamoTable,
  EcsWorkerLauncher,
  S3Bucket,
  S3PackStore,
  S3ResultStore,
  SqsWakeups,
} from "@zenode/aws";
import { DynamoDueProjects, DynamoUsageStore } from "@zenode/aws/storage";
import {
  type CallService,
  createCalls,
  FIRST_LOOK_SECONDS,
  type Job,
  newId,
  type Principal,
  StoredProjects,
} from "@zenode/core";
import { openWriting, StorageAccount } from "@zenode/core/storage";
import { nodeCodec, systemClock } from "@zenode/node";
import { TableHistory } from "../faults/observers/table-history.ts";
import { eventually } from "../harness/eventually.ts";
import type { LocalPath } from "../harness/local-path.ts";

import { gateTool } from "./gate/gate-tool.ts";
import { measureTurns, turnsOf } from "./ring-turns.ts";

/** The platform's calls over the local cloud's stores, below the wire: for tenants that nobody can sign in to. */
export function callsOf({ cloud }: LocalPath): CallService {
  const { dynamodb, s3, ecs, sqs } = cloud;
  const clients = createAwsClients({
    region: "us-east-1",
    endpoints: {
      dynamodb: dynamodb.endpoint,
      s3: s3.endpoint,
      ecs: ecs.endpoint,
      sqs: sqs.endpoint,
    },
    credentials: { accessKeyId: "LOCALKEY", secretAccessKey: "LOCALSECRET" },
  });
  const table = new DynamoTable({ clients, name: "zenode", clock: systemClock });
  const bucket = new S3Bucket({ clients, name: "zenode" });
  const snapshots = new DynamoSnapshotStore({ table });
  const storage = new StorageAccount({
    ...{ usage: new DynamoUsageStore({ table }), due: new DynamoDueProjects({ table }) },
    ...{
      snapshots,
      clock: systemClock,
      limits: {
        storedBytes: 2 ** 30,
        projects: 100,
        filesPerProject: 200_000,
        snapshotsPerProject: 20_000,
      },
    },
  });
  const stores = { snapshots, packs: new S3PackStore({ bucket }), codec: nodeCodec };
  return createCalls({
    clock: systemClock,
    jobs: new DynamoJobStore({ table, bucket, clock: systemClock }),
    log: new DynamoEventLog({ table, bucket, clock: systemClock }),
    queue: new DynamoLaunchQueue({ table }),
    wakeups: new SqsWakeups({ clients, queueUrl: sqs.queueUrl("wakeups") }),
    launcher: new EcsWorkerLauncher({
      clients,
      cluster: "zenode",
      taskDefinition: "zenode-worker:1",
      container: "worker",
      subnets: ["subnet-local"],
      securityGroups: ["sg-local"],
      assignPublicIp: true,
    }),
    results: new S3ResultStore({ bucket }),
    history: new DynamoPlacementHistory({ table, clock: systemClock }),
    report: (cause) => {
      throw cause;
    },
    projects: (principal) =>
      new StoredProjects({
        principal,
        choices: new DynamoProjectChoices({ table }),
        ...stores,
        writing: async () => openWriting({ ...stores, clock: systemClock, storage }),
      }),
  });
}

export function tenantPrincipal(tenant: string): Principal {
  return {
    tenant,
    subject: `${tenant}-user`,
    username: tenant,
    clientId: "scenario",
    issuer: "https://issuer.example",
    scopes: new Set(["read"] as const),
    expiresAt: Date.now() + 3_600_000,
  };
}

export async function submitGate(
  calls: CallService,
  tenant: string,
  args: { readonly folder: string; readonly label: string },
): Promise<Job> {
  const placed = await calls.place({
    tool: gateTool,
    principal: tenantPrincipal(tenant),
    input: args,
    sent: args,
    deadline: Date.now() + 60_000,
    asks: [],
  });
  if (placed.kind !== "burst") throw new Error("The gate runs on workers.");
  return placed.job;
}

export interface Scenario {
  readonly tenants: number;
  readonly jobs: number;
  readonly workers: number;
  /** An open gate's folder: each job passes at once. */
  readonly folder: string;
  readonly patienceMs: number;
}

/**
 * Workers that launches of one job at the same moment can start: a token for each provider, in each of two
 * two-minute windows (docs/design/launch.md, "Queue").
 */
export const WORKERS_OF_ONE = 4;

export interface Fairness {
  readonly jobs: number;
  readonly completed: number;
  readonly tenants: number;
  /** The most that ran at once. */
  readonly atOnce: number;
  /** Tasks; as many as jobs where none was started twice. */
  readonly launches: number;
  /** From the moment there was room to the launch of a job's worker, milliseconds: mean of all jobs, and the worst. */
  readonly meanWaitMs: number;
  readonly worstWaitMs: number;
  /** The same of the tenants' means. */
  readonly worstTenantMeanMs: number;
  /** Workers of one job at most: what a repeat of its launch started. */
  readonly workersOfOne: number;
  /** The most launches of others between two of one tenant, or before its first, and how often that one's turn was tried. */
  readonly longestTurn: number;
  readonly triesOfLongest: number;
  /** Launches of others beyond what the queue promises, in the worst turn. */
  readonly beyondBound: number;
  /** Jain's index of the tenants' mean waits: 1 where all wait alike, 1/n where one waits for all. */
  readonly jain: number;
}

/**
 * So many jobs wait, tenant after tenant (the first one's all came before the last one's); then there is
 * room for a few workers: everything must run, and nobody's turn come late.
 */
export async function runScenario(local: LocalPath, scenario: Scenario): Promise<Fairness> {
  const table = await TableHistory.start(local.cloud.dynamodb.endpoint, "zenode");
  try {
    return await runOver(table, local, scenario);
  } finally {
    await table.close();
  }
}

async function runOver(
  table: TableHistory,
  local: LocalPath,
  scenario: Scenario,
): Promise<Fairness> {
  const { ecs } = local.cloud;
  ecs.setMaxTasks(0);
  const calls = callsOf(local);
  const known = new Set(ecs.tasks().map(({ taskArn }) => taskArn));
  const jobs = await submitAll(calls, scenario);
  const opened = Date.now();
  ecs.setMaxTasks(scenario.workers);
  // Now the messages of these jobs are due; from then on each stopped worker makes room for the next.
  local.cloud.clock.advance(FIRST_LOOK_SECONDS * 1000);
  // The local ECS is asked, which costs nothing: the stores are busy enough.
  const stopped = () =>
    ecs
      .tasks()
      .filter(({ taskArn, lastStatus }) => !known.has(taskArn) && lastStatus === "STOPPED");
  await eventually(
    "a worker's end for each job",
    () => new Set(stopped().map(jobOf)).size === jobs.length,
    scenario.patienceMs,
  );
  await eventually(
    "the last worker's end",
    () => stopped().length === ecs.tasks().length - known.size,
  );
  let completed = 0;
  for (const { id, principal } of jobs)
    completed += (await calls.job(principal.tenant, id))?.state === "completed" ? 1 : 0;
  const tasks = ecs.tasks().filter(({ taskArn }) => !known.has(taskArn));
  await table.caughtUp();
  const turns = turnsOf(table.rows, new Set(jobs.map(({ principal }) => principal.tenant)));
  return {
    ...measure(jobs, tasks, opened),
    ...measureTurns(turns, scenario.tenants, scenario.workers),
    completed,
    tenants: scenario.tenants,
  };
}

async function submitAll(calls: CallService, { tenants, jobs, folder }: Scenario): Promise<Job[]> {
  const run = newId("task").slice(-6);
  const submitted: Job[] = [];
  for (let number = 0; number < jobs; number += 1) {
    const tenant = Math.floor((number * tenants) / jobs);
    const args = { folder, label: `${number}` };
    submitted.push(await submitGate(calls, `t-${run}-${tenant}`, args));
  }
  return submitted;
}

type Tasks = ReturnType<LocalPath["cloud"]["ecs"]["tasks"]>;

function jobOf({ tags }: Pick<Tasks[number], "tags">): string {
  return tags.find(({ key }) => key === "job")?.value ?? "";
}

function measure(jobs: readonly Job[], tasks: Tasks, opened: number) {
  const launchedAt = new Map<string, number>();
  for (const { tags, createdAt } of tasks) {
    const id = jobOf({ tags });
    launchedAt.set(id, Math.min(launchedAt.get(id) ?? Number.POSITIVE_INFINITY, createdAt * 1000));
  }
  const byTenant = new Map<string, number[]>();
  for (const { id, principal } of jobs) {
    const wait = (launchedAt.get(id) ?? Number.NaN) - opened;
    byTenant.set(principal.tenant, [...(byTenant.get(principal.tenant) ?? []), wait]);
  }
  const waits = [...byTenant.values()].flat();
  const means = [...byTenant.values()].map(mean);
  return {
    jobs: jobs.length,
    launches: tasks.length,
    atOnce: mostAtOnce(tasks),
    meanWaitMs: mean(waits),
    worstWaitMs: Math.max(...waits),
    worstTenantMeanMs: Math.max(...means),
    workersOfOne: Math.max(
      ...jobs.map(({ id }) => tasks.filter((each) => jobOf(each) === id).length),
    ),
    jain: jainIndex(means),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** R. Jain, D. Chiu, W. Hawe, "A quantitative measure of fairness" (1984). */
export function jainIndex(values: readonly number[]): number {
  const squares = values.reduce((sum, value) => sum + value * value, 0);
  return (mean(values) * mean(values) * values.length) / squares;
}

function mostAtOnce(tasks: Tasks): number {
  const at = (time: number) =>
    tasks.filter(({ createdAt, stoppedAt = 0 }) => createdAt <= time && time < stoppedAt).length;
  return Math.max(...tasks.map(({ createdAt }) => at(createdAt)));
}
