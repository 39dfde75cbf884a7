import type { Place, TaskDefinitionTemplate } from "../template.ts";

/** Definitions come from the template, never registered again: all are revision 1. */
const REVISION = 1;

export function taskDefinitionArn(place: Place, family: string): string {
  return `arn:aws:ecs:${place.region}:${place.account}:task-definition/${family}:${REVISION}`;
}

/** By `family`, `family:revision` or full ARN. */
export function findTaskDefinition(
  definitions: readonly TaskDefinitionTemplate[],
  reference: string,
): TaskDefinitionTemplate | undefined {
  const [family, revision] = reference.slice(reference.lastIndexOf("/") + 1).split(":");
  if (revision !== undefined && revision !== String(REVISION)) return undefined;
  return definitions.find((definition) => definition.family === family);
}

/** The answer of DescribeTaskDefinition. */
export function describeTaskDefinition(place: Place, definition: TaskDefinitionTemplate) {
  const environment = Object.entries(definition.environment);
  return {
    taskDefinition: {
      taskDefinitionArn: taskDefinitionArn(place, definition.family),
      family: definition.family,
      revision: REVISION,
      status: "ACTIVE",
      networkMode: "awsvpc",
      cpu: definition.cpu,
      memory: definition.memory,
      compatibilities: ["EC2", "FARGATE"],
      requiresCompatibilities: ["FARGATE"],
      volumes: [],
      placementConstraints: [],
      containerDefinitions: [
        {
          name: definition.containerName,
          image: "local",
          essential: true,
          command: definition.command,
          environment: environment.map(([name, value]) => ({ name, value })),
          stopTimeout: definition.stopTimeoutSeconds,
        },
      ],
    },
    tags: [],
  };
}
