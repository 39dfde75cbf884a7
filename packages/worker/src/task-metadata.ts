/** The ECS task this process runs in, and what further tasks like it are run with. */
export interface WorkerTask {
  readonly arn: string;
  /** ARN or short name. */
  readonly cluster: string;
  /** family:revision: a job and its children are of one release. */
  readonly taskDefinition: string;
}

/**
 * Asks the task metadata endpoint (Amazon ECS developer guide, task metadata endpoint version 4).
 * @throws Error when it does not say all of it.
 */
export async function readTask(metadataUri: string): Promise<WorkerTask> {
  const response = await fetch(`${metadataUri}/task`);
  const metadata = (await response.json()) as Partial<Record<string, unknown>> | null;
  const { TaskARN: arn, Cluster: cluster, Family: family, Revision: revision } = metadata ?? {};
  if (typeof arn === "string" && typeof cluster === "string" && typeof family === "string") {
    return { arn, cluster, taskDefinition: `${family}:${revision}` };
  }
  throw new Error(`The task metadata endpoint names no task (status ${response.status}).`);
}
