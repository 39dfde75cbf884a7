import { HOUR, isId, type JobId, needVariable, readStorageLimits, SECOND } from "@zenode/core";
import type { StorageLimits } from "@zenode/core/storage";

export interface WorkerConfig {
  readonly table: string;
  readonly bucket: string;
  readonly region: string;
  /** Folder for checkouts; emptied after each job where the worker is alone, else it has a folder of its own in it. */
  readonly workDir: string;
  /** Where the workers of children run: as this one does. */
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  /** Of the queue whose messages look after jobs. */
  readonly queueUrl: string;
  /** What one tenant may store. */
  readonly storage: StorageLimits;
  /** Nothing but the worker and what it started runs and writes here: it is in a container of its own. */
  readonly alone: boolean;
  /** See `PaidTime`. */
  readonly lingerMs?: number;
  /** Of the task metadata endpoint, version 4. */
  readonly metadataUri: string;
  /** Milliseconds a tool has to make a checkpoint when the machine goes away; less than the task's stop timeout. */
  readonly graceMs: number;
  /** Milliseconds a worker waits for an answer before it parks its job. */
  readonly askPatienceMs: number;
  /** Repositories may be imported by http from 127.0.0.1: for tests and local use, never in a deployment. */
  readonly loopbackImports: boolean;
  readonly order: { readonly tenant: string; readonly id: JobId };
}

/** Reads the environment, once. @throws Error that names the variable and what it should hold. */
export function readConfig(env: NodeJS.ProcessEnv, tmpdir: string): WorkerConfig {
  const need = (name: string) => needVariable(env, name);
  return {
    table: need("ZENODE_TABLE"),
    bucket: need("ZENODE_BUCKET"),
    region: need("AWS_REGION"),
    subnets: need("ZENODE_SUBNETS").split(","),
    queueUrl: need("ZENODE_QUEUE_URL"),
    securityGroups: need("ZENODE_SECURITY_GROUPS").split(","),
    storage: readStorageLimits(env),
    workDir: env.ZENODE_WORK_DIR ?? tmpdir,
    alone: env.ZENODE_ALONE === "1",
    ...optionalMs(env.ZENODE_LINGER_MS),
    metadataUri: need("ECS_CONTAINER_METADATA_URI_V4"),
    graceMs: milliseconds(env, "ZENODE_GRACE_MS", 20 * SECOND),
    askPatienceMs: milliseconds(env, "ZENODE_ASK_PATIENCE_MS", 45 * SECOND),
    loopbackImports: env.ZENODE_LOOPBACK_IMPORTS === "1",
    order: parseOrder(need("ZENODE_JOB")),
  };
}

function milliseconds(env: NodeJS.ProcessEnv, name: string, usual: number): number {
  const value = env[name];
  if (value === undefined || value === "") return usual;
  if (!/^[1-9]\d{0,6}$/.test(value)) throw new Error(`${name} is ${value}: no milliseconds.`);
  return Number(value);
}

/** @throws Error for a value that is no whole number of milliseconds up to an hour. */
function optionalMs(value: string | undefined): { lingerMs?: number } {
  if (value === undefined || value === "") return {};
  const lingerMs = /^\d{1,7}$/.test(value) ? Number(value) : Number.NaN;
  if (lingerMs <= HOUR) return { lingerMs };
  throw new Error(`ZENODE_LINGER_MS is ${value}: not 0 to ${HOUR} milliseconds.`);
}

/** `{"tenant": "…", "id": "task_…"}`, as the launcher sets it in the task's overrides. */
function parseOrder(text: string): WorkerConfig["order"] {
  const order: unknown = JSON.parse(text);
  if (typeof order === "object" && order !== null && "tenant" in order && "id" in order) {
    const { tenant, id } = order;
    if (typeof tenant === "string" && typeof id === "string" && isId("task", id))
      return { tenant, id };
  }
  throw new Error(`ZENODE_JOB is not {"tenant", "id"}: ${text.slice(0, 200)}`);
}
