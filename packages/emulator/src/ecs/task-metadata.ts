import type { Container, Task } from "./task.ts";

/** How long the credentials given out are good for; the SDK comes back before. */
const CREDENTIALS_MS = 60 * 60_000;

const iso = (epochSeconds: number | undefined) =>
  epochSeconds === undefined ? undefined : new Date(epochSeconds * 1000).toISOString();

/** `${ECS_CONTAINER_METADATA_URI_V4}` (ECS Developer Guide, "task metadata endpoint version 4"). */
export function containerMetadata(task: Task, container: Container) {
  return {
    DockerId: container.runtimeId,
    Name: container.name,
    DockerName: container.name,
    Image: "local",
    Labels: {
      "com.amazonaws.ecs.cluster": task.clusterArn,
      "com.amazonaws.ecs.container-name": container.name,
      "com.amazonaws.ecs.task-arn": task.taskArn,
      ...familyAndRevision(
        task,
        "com.amazonaws.ecs.task-definition-family",
        "com.amazonaws.ecs.task-definition-version",
      ),
    },
    DesiredStatus: task.desiredStatus,
    KnownStatus: container.lastStatus,
    ContainerARN: container.containerArn,
    CreatedAt: iso(task.createdAt),
    StartedAt: iso(task.startedAt),
    Type: "NORMAL",
    Limits: { CPU: Number(task.cpu), Memory: Number(task.memory) },
  };
}

/** `${ECS_CONTAINER_METADATA_URI_V4}/task` */
export function taskMetadata(task: Task) {
  return {
    Cluster: task.clusterArn,
    TaskARN: task.taskArn,
    ...familyAndRevision(task, "Family", "Revision"),
    DesiredStatus: task.desiredStatus,
    KnownStatus: task.lastStatus,
    Limits: { CPU: Number(task.cpu) / 1024, Memory: Number(task.memory) },
    PullStartedAt: iso(task.pullStartedAt),
    PullStoppedAt: iso(task.pullStoppedAt),
    AvailabilityZone: task.availabilityZone,
    LaunchType: task.launchType,
    Containers: task.containers.map((container) => containerMetadata(task, container)),
  };
}

/** `${AWS_CONTAINER_CREDENTIALS_FULL_URI}`: the task role's credentials. */
export function taskCredentials(task: Task, now: number) {
  const [, , , , account] = task.taskArn.split(":");
  return {
    RoleArn: `arn:aws:iam::${account}:role/local-task`,
    AccessKeyId: "LOCALKEY",
    SecretAccessKey: "LOCALSECRET",
    Token: "LOCALTOKEN",
    Expiration: new Date(now + CREDENTIALS_MS).toISOString(),
  };
}

function familyAndRevision(task: Task, familyName: string, revisionName: string) {
  const [family, revision] = task.taskDefinitionArn.split("/")[1]?.split(":") ?? [];
  return { [familyName]: family, [revisionName]: revision };
}
