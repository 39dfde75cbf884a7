import type { WorkerSize } from "@zenode/core";

/** The ECS task this process runs in. */
export interface WorkerTask extends Pick<WorkerSize, "cpu" | "memoryMb"> {
  readonly arn: string;
  /** ARN or short name. */
  readonly cluster: string;
  /** `family:revision`: a job and its children are of one release. */
  readonly taskDefinition: string;
  /** Milliseconds since the epoch at which its image began to be pulled: from then on it is billed. */
  readonly pullStartedAt?: number;
}

/**
 * Reads the task metadata endpoint, version 4 (Amazon ECS developer guide: `Limits` of a task are in
 * vCPU and MiB). @throws Error that names what it does not give.
 */
export async function readTask(metadataUri: string): Promise<WorkerTask> {
  const response = await fetch(`${metadataUri}/task`);
  return parseTask(await response.json());
}

export function parseTask(metadata: unknown): WorkerTask {
  const task = fieldsOf(metadata);
  const { CPU: cpu, Memory: memoryMb } = fieldsOf(task.Limits);
  const { TaskARN: arn, Cluster: cluster, Family: family, Revision: revision } = task;
  if (typeof arn !== "string" || typeof cluster !== "string") {
    throw new Error("The task metadata endpoint names no task.");
  }
  if (typeof family !== "string" || typeof revision !== "string") {
    throw new Error("The task metadata endpoint names no task definition.");
  }
  if (typeof cpu !== "number" || typeof memoryMb !== "number") {
    throw new Error("The task metadata endpoint gives no size.");
  }
  const { PullStartedAt: pulled } = task;
  const pullStartedAt = typeof pulled === "string" ? Date.parse(pulled) : Number.NaN;
  return {
    arn,
    cluster,
    taskDefinition: `${family}:${revision}`,
    cpu: Math.round(cpu * 1024),
    memoryMb,
    ...(!Number.isNaN(pullStartedAt) && { pullStartedAt }),
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
