/**
 * The ARN of the ECS task this process runs in (Amazon ECS developer guide, task metadata endpoint
 * version 4). @throws Error when the endpoint gives none.
 */
export async function readTaskArn(metadataUri: string): Promise<string> {
  const response = await fetch(`${metadataUri}/task`);
  const metadata: unknown = await response.json();
  if (typeof metadata === "object" && metadata !== null && "TaskARN" in metadata) {
    if (typeof metadata.TaskARN === "string") return metadata.TaskARN;
  }
  throw new Error(`The task metadata endpoint names no task (status ${response.status}).`);
}
