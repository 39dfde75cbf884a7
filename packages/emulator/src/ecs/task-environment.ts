import { dirname } from "node:path";
import type { Place, TaskDefinitionTemplate } from "../template.ts";
import { type Task, taskId } from "./task.ts";

export const METADATA_VARIABLE = "ECS_CONTAINER_METADATA_URI_V4";

export interface TaskEnvironmentSource {
  readonly task: Task;
  readonly definition: TaskDefinitionTemplate;
  readonly place: Place;
  /** Of the ECS API and of the metadata and credentials endpoints. */
  readonly endpoint: string;
  readonly baseEnvironment: Readonly<Record<string, string>>;
}

/** Everything the task's main process finds in its environment; nothing of the emulator's own leaks in. */
export function taskEnvironment(source: TaskEnvironmentSource): Record<string, string> {
  const { task, definition, place, endpoint } = source;
  const overridden = task.overrides.containerOverrides.flatMap(({ environment = [] }) =>
    environment.map(({ name, value }) => [name, value] as const),
  );
  const id = taskId(task.taskArn);
  return {
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    AWS_ENDPOINT_URL_ECS: endpoint,
    ...source.baseEnvironment,
    ...definition.environment,
    ...Object.fromEntries(overridden),
    AWS_DEFAULT_REGION: place.region,
    AWS_REGION: place.region,
    AWS_EXECUTION_ENV: "AWS_ECS_FARGATE",
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint}/credentials/${id}`,
    [METADATA_VARIABLE]: `${endpoint}/v4/${id}`,
  };
}

/** The command of the task, overridden or of its definition. */
export function taskCommand(task: Task, definition: TaskDefinitionTemplate): readonly string[] {
  const overrides = task.overrides.containerOverrides;
  return overrides.findLast(({ command }) => command !== undefined)?.command ?? definition.command;
}
