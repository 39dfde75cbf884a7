import { join } from "node:path";
import type { EmulatorClock } from "../clock.ts";
import type { CloudEvent } from "../events/cloud-event.ts";
import type { FaultPlan } from "../faults/fault-plan.ts";
import { serve } from "../http/serve.ts";
import { ProcessRegistry } from "../processes/process-registry.ts";
import type { Place, TaskDefinitionTemplate } from "../template.ts";
import { ecsApi } from "./ecs-api.ts";
import { EcsService } from "./ecs-service.ts";
import type { Task } from "./task.ts";
import type { TaskLogLine } from "./task-lifecycle.ts";
import { TaskStore } from "./task-store.ts";

export interface EcsOptions {
  /** Folder for the tasks and the list of their processes. */
  readonly dir: string;
  readonly cluster: string;
  readonly taskDefinitions: readonly TaskDefinitionTemplate[];
  readonly place: Place;
  readonly clock: EmulatorClock;
  readonly faults: FaultPlan;
  readonly port?: number;
  /** From RunTask to the first instruction; default 0, on AWS 45 to 90 s. */
  readonly provisionMs?: number;
  /** Variables of every task, under those of its definition. */
  readonly baseEnvironment?: Readonly<Record<string, string>>;
  /** Gets an event for each change of a task. */
  readonly publish: (event: CloudEvent) => void;
  readonly log?: (line: TaskLogLine) => void;
}

export interface Ecs {
  readonly endpoint: string;
  readonly port: number;
  /** Every task still known, stopped ones too. */
  tasks(): readonly Task[];
  /** Spot capacity is taken away: event, SIGTERM, SIGKILL at the stop timeout. Throws EcsError where there is no such task. */
  spotInterrupt(taskArn: string): void;
  /** From now on there is room for so many tasks at once; undefined: for any number. */
  setMaxTasks(maxTasks: number | undefined): void;
  /** SIGKILL to the task's processes; false where it has none. */
  kill(taskArn: string): boolean;
  /** Kills the tasks' processes. The next start reports the tasks as stopped. */
  close(): Promise<void>;
}

/** Runs Fargate tasks as process groups on this machine. Rejects with PortTakenError. */
export async function startEcs(options: EcsOptions): Promise<Ecs> {
  const { cluster, place, clock, faults } = options;
  const registry = ProcessRegistry.open(join(options.dir, "ecs-processes.jsonl"));
  const store = new TaskStore(options.dir);
  const now = () => clock.now();
  const service = new EcsService({
    cluster,
    place,
    store,
    registry,
    now,
    taskDefinitions: options.taskDefinitions,
    provisionMs: options.provisionMs ?? 0,
    baseEnvironment: options.baseEnvironment ?? {},
    publish: options.publish,
    log: options.log,
  });
  const handler = ecsApi({ service, place, cluster, faults, now });
  const listening = await serve(handler, options.port).catch((cause: unknown) => {
    registry.close();
    store.close();
    throw cause;
  });
  service.endpoint = listening.endpoint;
  service.recover();
  return {
    endpoint: listening.endpoint,
    port: listening.port,
    tasks: () => service.tasks(),
    spotInterrupt: (taskArn) => {
      service.stop(taskArn, "SpotInterruption", "Your Spot Task was interrupted.");
    },
    setMaxTasks: (maxTasks) => {
      service.maxTasks = maxTasks;
    },
    kill: (taskArn) => service.kill(taskArn),
    close: async () => {
      await service.close();
      registry.close();
      await listening.close();
      store.close();
    },
  };
}
