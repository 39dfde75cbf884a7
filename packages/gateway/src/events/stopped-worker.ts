import { isId, type JobId } from "@zenode/core";

/** `detail` of an ECS Task State Change event, as far as it is read here (Amazon ECS developer guide, task state change events). */
export interface TaskStateChange {
  readonly taskArn: string;
  readonly lastStatus: string;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  /** Of the task, MiB. */
  readonly memory?: string;
  readonly containers?: readonly { readonly exitCode?: number; readonly reason?: string }[];
  readonly overrides?: {
    readonly containerOverrides?: readonly {
      readonly environment?: readonly { readonly name: string; readonly value: string }[];
    }[];
  };
}

export interface StoppedWorker {
  readonly tenant: string;
  readonly id: JobId;
  readonly taskArn: string;
  readonly reason: string;
  /** Its process ended with exit code 0. */
  readonly endedItself?: true;
  /** Present: it ended because it had no more memory than this, MiB. */
  readonly outOfMemoryMb?: number;
}

/** The job of a worker that has stopped; undefined for other states and for tasks that are not workers. */
export function readStoppedWorker(detail: TaskStateChange): StoppedWorker | undefined {
  if (detail.lastStatus !== "STOPPED") return undefined;
  const variables = (detail.overrides?.containerOverrides ?? []).flatMap(
    (container) => container.environment ?? [],
  );
  const order = variables.find(({ name }) => name === "ZENODE_JOB");
  if (!order) return undefined;
  const { tenant, id }: { tenant?: unknown; id?: unknown } = JSON.parse(order.value);
  if (typeof tenant !== "string" || typeof id !== "string" || !isId("task", id)) return undefined;
  const { taskArn, stoppedReason, stopCode, memory } = detail;
  return {
    tenant,
    id,
    taskArn,
    reason: stoppedReason ?? stopCode ?? "stopped",
    ...(hasEndedItself(detail) && { endedItself: true as const }),
    ...(isOutOfMemory(detail) && { outOfMemoryMb: Number(memory) }),
  };
}

/** A worker is one container. */
function hasEndedItself({ containers = [] }: TaskStateChange): boolean {
  return containers.length > 0 && containers.every(({ exitCode }) => exitCode === 0);
}

/** 128 + SIGABRT: how Node.js ends when its heap reaches V8's limit, which follows the container's. */
const ABORTED = 134;

function isOutOfMemory({ containers = [] }: TaskStateChange): boolean {
  return containers.some(
    ({ exitCode, reason }) => exitCode === ABORTED || reason?.startsWith("OutOfMemoryError"),
  );
}
