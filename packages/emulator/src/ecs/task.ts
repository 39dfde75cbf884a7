/** A task and its parts as the ECS API shows them; times in epoch seconds. */

export type TaskStatus =
  | "PROVISIONING"
  | "PENDING"
  | "RUNNING"
  | "DEACTIVATING"
  | "STOPPING"
  | "DEPROVISIONING"
  | "STOPPED";

export type StopCode =
  | "TaskFailedToStart"
  | "EssentialContainerExited"
  | "UserInitiated"
  | "SpotInterruption";

export interface Tag {
  readonly key: string;
  readonly value: string;
}

export interface ContainerOverride {
  readonly name: string;
  readonly command?: readonly string[];
  readonly environment?: readonly { readonly name: string; readonly value: string }[];
  readonly cpu?: number;
  readonly memory?: number;
}

export interface EphemeralStorage {
  readonly sizeInGiB: number;
}

export interface TaskOverrides {
  readonly containerOverrides: readonly ContainerOverride[];
  readonly cpu?: string;
  readonly memory?: string;
  readonly ephemeralStorage?: EphemeralStorage;
}

export interface Container {
  readonly containerArn: string;
  readonly taskArn: string;
  readonly name: string;
  readonly lastStatus: "PENDING" | "RUNNING" | "STOPPED";
  readonly exitCode?: number;
  readonly reason?: string;
  readonly runtimeId?: string;
}

/** The times of a task's life, in the order they usually come. */
export const TASK_TIMES = [
  "createdAt",
  "pullStartedAt",
  "pullStoppedAt",
  "connectivityAt",
  "startedAt",
  "stoppingAt",
  "executionStoppedAt",
  "stoppedAt",
] as const;

type TaskTimes = { readonly [Time in (typeof TASK_TIMES)[number]]?: number };

export interface Task extends TaskTimes {
  readonly taskArn: string;
  readonly clusterArn: string;
  readonly taskDefinitionArn: string;
  readonly availabilityZone: string;
  readonly launchType: "FARGATE";
  readonly capacityProviderName?: string;
  readonly platformVersion: string;
  readonly platformFamily: string;
  readonly connectivity?: "CONNECTED";
  readonly lastStatus: TaskStatus;
  readonly desiredStatus: "RUNNING" | "STOPPED";
  readonly stopCode?: StopCode;
  readonly stoppedReason?: string;
  readonly startedBy?: string;
  readonly group: string;
  readonly cpu: string;
  readonly memory: string;
  readonly ephemeralStorage: EphemeralStorage;
  readonly overrides: TaskOverrides;
  readonly containers: readonly Container[];
  readonly tags: readonly Tag[];
  readonly createdAt: number;
  readonly version: number;
}

/** The id at the end of a task's ARN. */
export function taskId(taskArn: string): string {
  return taskArn.slice(taskArn.lastIndexOf("/") + 1);
}
