import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  ECSClient,
  RunTaskCommand,
  type RunTaskCommandInput,
  type Task,
} from "@aws-sdk/client-ecs";
import { EmulatorClock } from "../../packages/emulator/src/clock.ts";
import { type Ecs, type EcsOptions, startEcs } from "../../packages/emulator/src/ecs/start-ecs.ts";
import type { TaskLogLine } from "../../packages/emulator/src/ecs/task-lifecycle.ts";
import type { CloudEvent } from "../../packages/emulator/src/events/cloud-event.ts";
import { FaultPlan } from "../../packages/emulator/src/faults/fault-plan.ts";
import type { TaskDefinitionTemplate } from "../../packages/emulator/src/template.ts";

export const TASKS_DIR = fileURLToPath(new URL("./fixtures/ecs", import.meta.url));
export const CLUSTER = "local";
export const PLACE = { account: "000000000000", region: "eu-central-1" };

export const WORKER: TaskDefinitionTemplate = {
  family: "worker",
  containerName: "main",
  command: [process.execPath, "worker.mjs"],
  cwd: TASKS_DIR,
  environment: { FROM_TEMPLATE: "yes", OVERRIDDEN: "no" },
  cpu: "256",
  memory: "512",
  stopTimeoutSeconds: 1,
};

export interface EcsFixture extends AsyncDisposable {
  readonly ecs: Ecs;
  readonly client: ECSClient;
  readonly faults: FaultPlan;
  readonly clock: EmulatorClock;
  readonly dir: string;
  readonly events: CloudEvent[];
  readonly lines: TaskLogLine[];
  /** Resolves with the rest of the first log line that starts so. */
  logged(start: string): Promise<string>;
  /** RunTask of the worker, on Fargate in some subnet, with these variables. */
  run(environment?: Record<string, string>, input?: Partial<RunTaskCommandInput>): Promise<Task>;
}

export function runTaskInput(
  environment: Record<string, string> = {},
  input: Partial<RunTaskCommandInput> = {},
): RunTaskCommandInput {
  const variables = Object.entries(environment).map(([name, value]) => ({ name, value }));
  return {
    cluster: CLUSTER,
    taskDefinition: "worker",
    ...(input.capacityProviderStrategy === undefined ? { launchType: "FARGATE" } : {}),
    networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"] } },
    overrides: { containerOverrides: [{ name: "main", environment: variables }] },
    ...input,
  };
}

export function ecsClient(endpoint: string): ECSClient {
  return new ECSClient({
    endpoint,
    region: PLACE.region,
    credentials: { accessKeyId: "LOCALKEY", secretAccessKey: "LOCALSECRET" },
    maxAttempts: 1,
  });
}

/** An ECS in a folder of its own, both gone at the end of the test's scope. */
export async function ecsWith(options: Partial<EcsOptions> = {}): Promise<EcsFixture> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), "emulator-ecs-"));
  const faults = new FaultPlan();
  const clock = new EmulatorClock();
  const events: CloudEvent[] = [];
  const lines: TaskLogLine[] = [];
  const waiting = new Set<() => void>();
  const ecs = await startEcs({
    dir,
    cluster: CLUSTER,
    taskDefinitions: [WORKER],
    place: PLACE,
    clock,
    faults,
    publish: (event) => events.push(event),
    log: (line) => {
      lines.push(line);
      for (const look of waiting) look();
    },
    ...options,
  });
  const client = ecsClient(ecs.endpoint);
  return {
    ecs,
    client,
    faults,
    clock,
    dir,
    events,
    lines,
    logged: (start) =>
      new Promise((resolve) => {
        const look = () => {
          const line = lines.find(({ text }) => text.startsWith(start));
          if (line === undefined) return;
          waiting.delete(look);
          resolve(line.text.slice(start.length).trim());
        };
        waiting.add(look);
        look();
      }),
    run: async (environment, input) => {
      const { tasks } = await client.send(new RunTaskCommand(runTaskInput(environment, input)));
      const task = tasks?.[0];
      if (task === undefined) throw new Error("RunTask returned no task.");
      return task;
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await ecs.close();
      if (options.dir === undefined) rmSync(dir, { recursive: true });
    },
  };
}
