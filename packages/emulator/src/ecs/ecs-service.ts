import { createHash, randomBytes } from "node:crypto";
import type { CloudEvent } from "../events/cloud-event.ts";
import type { ProcessRegistry } from "../processes/process-registry.ts";
import type { Place, TaskDefinitionTemplate } from "../template.ts";
import { clientError, EcsError, invalidParameter } from "./ecs-error.ts";
import { parseRunTask, type RunTaskInput, type RunTaskRequest } from "./run-task-request.ts";
import type { StopCode, Task } from "./task.ts";
import { findTaskDefinition, taskDefinitionArn } from "./task-definition.ts";
import { taskEnvironment } from "./task-environment.ts";
import { TaskLifecycle, type TaskLogLine } from "./task-lifecycle.ts";
import { taskStateChange } from "./task-state-change.ts";
import type { StoredTask, TaskStore } from "./task-store.ts";

export interface EcsServiceOptions {
  readonly cluster: string;
  readonly place: Place;
  readonly taskDefinitions: readonly TaskDefinitionTemplate[];
  readonly provisionMs: number;
  readonly baseEnvironment: Readonly<Record<string, string>>;
  readonly store: TaskStore;
  readonly registry: ProcessRegistry;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly publish: (event: CloudEvent) => void;
  readonly log: ((line: TaskLogLine) => void) | undefined;
}

/** What happens to tasks once they run; faults set it per RunTask call. */
export interface TaskFate {
  readonly killAfterMs?: number;
  readonly spotInterruptionAfterMs?: number;
}

/** The tasks of one cluster. */
export class EcsService {
  readonly #options: EcsServiceOptions;
  readonly #lives = new Map<string, TaskLifecycle>();
  readonly #fates = new Set<NodeJS.Timeout>();
  /** Where tasks find their metadata; set once the server listens. */
  endpoint = "";
  /** Tasks at once, as an account's limit has it; undefined: any number. */
  maxTasks: number | undefined;

  constructor(options: EcsServiceOptions) {
    this.#options = options;
  }

  /** Tasks that ran when the emulator ended are stopped; their events let their owners recover. */
  recover(): void {
    this.#options.store.forgetStopped(this.#now());
    for (const stored of this.#options.store.all()) {
      if (stored.task.lastStatus === "STOPPED") continue;
      const now = this.#now();
      this.#save({
        ...stored,
        task: {
          ...stored.task,
          lastStatus: "STOPPED",
          desiredStatus: "STOPPED",
          stopCode: stored.task.stopCode ?? "EssentialContainerExited",
          stoppedReason: stored.task.stoppedReason ?? "The local cloud ended while the task ran.",
          stoppingAt: stored.task.stoppingAt ?? now,
          executionStoppedAt: now,
          stoppedAt: now,
          containers: stored.task.containers.map((container) => ({
            ...container,
            lastStatus: "STOPPED",
            exitCode: 137,
          })),
          version: stored.task.version + 1,
        },
      });
    }
  }

  /** Runs tasks, or returns those of an earlier call with the same token; undefined where there is no room. */
  runTask(input: RunTaskInput, fate: TaskFate): readonly Task[] | undefined {
    const { clientToken, ...parameters } = input;
    const digest = createHash("sha256").update(JSON.stringify(parameters)).digest("hex");
    const earlier = this.#options.store.all().filter(({ client }) => client?.token === clientToken);
    if (clientToken !== undefined && earlier.length > 0) return sameCall(earlier, digest);
    const definition = this.taskDefinition(input.taskDefinition ?? "");
    const request = parseRunTask(input, definition);
    if (!this.#hasRoom(request.providers.length)) return undefined;
    const client = clientToken === undefined ? {} : { client: { token: clientToken, digest } };
    return request.providers.map((provider) => {
      const task = this.#newTask(request, provider);
      this.#save({ task, ...client });
      this.#start(task, definition, fate);
      return task;
    });
  }

  #hasRoom(more: number): boolean {
    if (this.maxTasks === undefined) return true;
    const running = this.tasks().filter(({ lastStatus }) => lastStatus !== "STOPPED");
    return running.length + more <= this.maxTasks;
  }

  /** Throws EcsError where the definition is unknown. */
  taskDefinition(reference: string): TaskDefinitionTemplate {
    const definition = findTaskDefinition(this.#options.taskDefinitions, reference);
    if (definition === undefined) throw clientError("TaskDefinition not found.");
    return definition;
  }

  /** By id or ARN. */
  find(reference: string): Task | undefined {
    const taskArn = reference.startsWith("arn:") ? reference : this.#arn("task", reference);
    return this.#options.store.get(taskArn)?.task;
  }

  tasks(): readonly Task[] {
    return this.#options.store.all().map(({ task }) => task);
  }

  /** Throws EcsError where there is no such task; one that stopped already stays as it is. */
  stop(reference: string, stopCode: StopCode, reason: string): Task {
    const task = this.find(reference);
    if (task === undefined) throw invalidParameter("The referenced task was not found.");
    this.#lives.get(task.taskArn)?.stop(stopCode, reason);
    return this.find(task.taskArn) ?? task;
  }

  kill(reference: string): boolean {
    const task = this.find(reference);
    return (task && this.#lives.get(task.taskArn)?.kill()) ?? false;
  }

  async close(): Promise<void> {
    for (const timer of this.#fates) clearTimeout(timer);
    await Promise.all([...this.#lives.values()].map((life) => life.abandon()));
  }

  get clusterArn(): string {
    const { place, cluster } = this.#options;
    return `arn:aws:ecs:${place.region}:${place.account}:cluster/${cluster}`;
  }

  #arn(kind: "task" | "container", id: string): string {
    const { place, cluster } = this.#options;
    return `arn:aws:ecs:${place.region}:${place.account}:${kind}/${cluster}/${id}`;
  }

  #now(): number {
    return this.#options.now() / 1000;
  }

  #newTask(request: RunTaskRequest, provider: string | undefined): Task {
    const { place } = this.#options;
    const id = randomBytes(16).toString("hex");
    const taskArn = this.#arn("task", id);
    const { startedBy } = request;
    return {
      taskArn,
      clusterArn: this.clusterArn,
      taskDefinitionArn: taskDefinitionArn(place, request.definition.family),
      availabilityZone: `${place.region}a`,
      launchType: "FARGATE",
      ...(provider === undefined ? {} : { capacityProviderName: provider }),
      platformVersion: "1.4.0",
      platformFamily: "Linux",
      lastStatus: "PROVISIONING",
      desiredStatus: "RUNNING",
      ...(startedBy === undefined ? {} : { startedBy }),
      group: request.group,
      cpu: request.cpu,
      memory: request.memory,
      ephemeralStorage: request.ephemeralStorage,
      overrides: request.overrides,
      containers: [
        {
          containerArn: this.#arn("container", `${id}/${randomBytes(16).toString("hex")}`),
          taskArn,
          name: request.definition.containerName,
          lastStatus: "PENDING",
          runtimeId: `${id}-0`,
        },
      ],
      tags: request.tags,
      createdAt: this.#now(),
      version: 1,
    };
  }

  #start(task: Task, definition: TaskDefinitionTemplate, fate: TaskFate): void {
    const { taskArn } = task;
    const environment = taskEnvironment({
      ...this.#options,
      task,
      definition,
      endpoint: this.endpoint,
    });
    const life = new TaskLifecycle(task, {
      ...this.#options,
      now: () => this.#now(),
      definition,
      environment,
      onChange: (changed) => this.#changed(changed),
      onRunning: () => this.#seal(taskArn, fate),
    });
    this.#lives.set(taskArn, life);
  }

  #changed(task: Task): void {
    if (task.lastStatus === "STOPPED") this.#lives.delete(task.taskArn);
    this.#save({ ...this.#options.store.get(task.taskArn), task });
  }

  #save(stored: StoredTask): void {
    this.#options.store.put(stored);
    this.#options.publish(taskStateChange(stored.task, this.#options.place, this.#now()));
  }

  #seal(taskArn: string, { killAfterMs, spotInterruptionAfterMs }: TaskFate): void {
    const after = (ms: number | undefined, act: () => void) => {
      if (ms !== undefined) this.#fates.add(setTimeout(act, ms));
    };
    after(killAfterMs, () => this.kill(taskArn));
    if (this.find(taskArn)?.capacityProviderName !== "FARGATE_SPOT") return;
    after(spotInterruptionAfterMs, () =>
      this.stop(taskArn, "SpotInterruption", "Your Spot Task was interrupted."),
    );
  }
}

function sameCall(earlier: readonly StoredTask[], digest: string): readonly Task[] {
  const tasks = earlier.map(({ task }) => task);
  if (earlier.every(({ client }) => client?.digest === digest)) return tasks;
  throw new EcsError(
    "ConflictException",
    "The request could not be processed because of conflicting parameters for its client token.",
    { resourceIds: tasks.map(({ taskArn }) => taskArn) },
  );
}
