import { isId, type JobId } from "@zenode/core";

export interface WorkerConfig {
  readonly table: string;
  readonly bucket: string;
  readonly region: string;
  /** Folder for checkouts; emptied after each job. */
  readonly workDir: string;
  /** Where the workers of children run: as this one does. */
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  /** Of the task metadata endpoint, version 4. */
  readonly metadataUri: string;
  readonly order: { readonly tenant: string; readonly id: JobId };
}

/** Reads the environment, once. @throws Error that names the variable and what it should hold. */
export function readConfig(env: NodeJS.ProcessEnv, tmpdir: string): WorkerConfig {
  const need = (name: string): string => {
    const value = env[name];
    if (!value) throw new Error(`${name} is not set.`);
    return value;
  };
  return {
    table: need("ZENODE_TABLE"),
    bucket: need("ZENODE_BUCKET"),
    region: need("AWS_REGION"),
    subnets: need("ZENODE_SUBNETS").split(","),
    securityGroups: need("ZENODE_SECURITY_GROUPS").split(","),
    workDir: env.ZENODE_WORK_DIR ?? tmpdir,
    metadataUri: need("ECS_CONTAINER_METADATA_URI_V4"),
    order: parseOrder(need("ZENODE_JOB")),
  };
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
