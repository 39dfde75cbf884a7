import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { signalGroup, signalProcess } from "../processes/process-group.ts";
import type { ProcessRegistry } from "../processes/process-registry.ts";
import { killMarked } from "../processes/process-tree.ts";
import type { TaskDefinitionTemplate } from "../template.ts";
import { MemoryWatch } from "./memory-watch.ts";
import type { Container, StopCode, Task } from "./task.ts";
import { METADATA_VARIABLE, taskCommand } from "./task-environment.ts";

export interface TaskLogLine {
  readonly taskArn: string;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

export interface TaskLifecycleOptions {
  readonly definition: TaskDefinitionTemplate;
  readonly environment: Readonly<Record<string, string>>;
  readonly provisionMs: number;
  readonly registry: ProcessRegistry;
  /** Epoch seconds. */
  readonly now: () => number;
  readonly onChange: (task: Task) => void;
  readonly onRunning: () => void;
  readonly log: ((line: TaskLogLine) => void) | undefined;
}

/** As ECS tells it (Amazon ECS developer guide, "Stopped tasks error messages"). */
const OUT_OF_MEMORY = { reason: "OutOfMemoryError: Container killed due to memory usage" } as const;

type Change = Partial<Omit<Task, "version">>;

/** One task from PROVISIONING to STOPPED, around a process that leads a group of its own. */
export class TaskLifecycle {
  readonly #options: TaskLifecycleOptions;
  readonly #ended = Promise.withResolvers<void>();
  #task: Task;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #memory: MemoryWatch | undefined;
  #abandoned = false;

  constructor(task: Task, options: TaskLifecycleOptions) {
    this.#task = task;
    this.#options = options;
    const half = options.provisionMs / 2;
    this.#timer = setTimeout(() => {
      this.#change({ lastStatus: "PENDING", pullStartedAt: options.now() });
      this.#timer = setTimeout(() => this.#launch(), half);
    }, half);
  }

  /** SIGTERM to the main process as a container's first process gets it; SIGKILL to all at the timeout. */
  stop(stopCode: StopCode, stoppedReason: string): void {
    if (this.#task.desiredStatus === "STOPPED") return;
    const stoppingAt = this.#options.now();
    this.#change({ desiredStatus: "STOPPED", stopCode, stoppedReason, stoppingAt });
    const pid = this.#child?.pid;
    if (pid === undefined) {
      clearTimeout(this.#timer);
      this.#finish({});
      return;
    }
    this.#change({ lastStatus: "DEACTIVATING" });
    this.#change({ lastStatus: "STOPPING" });
    signalProcess(pid, "SIGTERM");
    const timeoutMs = this.#options.definition.stopTimeoutSeconds * 1000;
    this.#timer = setTimeout(() => signalGroup(pid, "SIGKILL"), timeoutMs);
  }

  /** SIGKILL to all its processes; false before the task has any. */
  kill(): boolean {
    const pid = this.#child?.pid;
    return pid !== undefined && signalGroup(pid, "SIGKILL");
  }

  /** Ends the processes and leaves the task as it was, as if the emulator had died. */
  async abandon(): Promise<void> {
    this.#abandoned = true;
    clearTimeout(this.#timer);
    if (this.kill()) await this.#ended.promise;
  }

  #launch(): void {
    const { definition, environment, now } = this.#options;
    this.#change({ pullStoppedAt: now() });
    const [command = "", ...rest] = taskCommand(this.#task, definition);
    const child = spawn(command, rest, {
      cwd: definition.cwd,
      env: { ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    child.once("error", (cause) => this.#fail(cause));
    const { pid } = child;
    if (pid === undefined) return;
    this.#options.registry.add(pid);
    this.#child = child;
    this.#memory = new MemoryWatch(pid, Number(this.#task.memory));
    this.#forward("stdout", child.stdout);
    this.#forward("stderr", child.stderr);
    child.once("exit", (code, signal) => this.#exited(pid, exitCodeOf(code, signal)));
    const startedAt = now();
    this.#change({
      lastStatus: "RUNNING",
      connectivity: "CONNECTED",
      connectivityAt: startedAt,
      startedAt,
      containers: this.#containers({ lastStatus: "RUNNING" }),
    });
    this.#options.onRunning();
  }

  #fail(cause: Error): void {
    const stoppedReason = `CannotStartContainerError: ${cause.message}`;
    this.#change({ stopCode: "TaskFailedToStart", stoppedReason });
    this.#finish({ reason: stoppedReason });
  }

  /** With its first process a container ends, whatever else runs in it. */
  #exited(pid: number, exitCode: number): void {
    signalGroup(pid, "SIGKILL");
    // Its metadata endpoint is in the environment of all that the container ran, and of nothing else.
    killMarked(`${METADATA_VARIABLE}=${this.#options.environment[METADATA_VARIABLE]}`);
    this.#memory?.stop();
    this.#options.registry.remove(pid);
    clearTimeout(this.#timer);
    this.#child = undefined;
    if (!this.#abandoned)
      this.#finish({ exitCode, ...(this.#memory?.killedLeader && OUT_OF_MEMORY) });
    this.#ended.resolve();
  }

  #finish(container: Partial<Container>): void {
    const now = this.#options.now();
    const {
      stopCode = "EssentialContainerExited",
      stoppedReason = "Essential container in task exited",
      stoppingAt = now,
    } = this.#task;
    this.#change({
      lastStatus: "DEPROVISIONING",
      desiredStatus: "STOPPED",
      stopCode,
      stoppedReason,
      stoppingAt,
      executionStoppedAt: now,
      containers: this.#containers({ ...container, lastStatus: "STOPPED" }),
    });
    this.#change({ lastStatus: "STOPPED", stoppedAt: this.#options.now() });
  }

  #containers(change: Partial<Container>): readonly Container[] {
    return this.#task.containers.map((container) => ({ ...container, ...change }));
  }

  #change(change: Change): void {
    this.#task = { ...this.#task, ...change, version: this.#task.version + 1 };
    this.#options.onChange(this.#task);
  }

  #forward(stream: TaskLogLine["stream"], output: Readable | null): void {
    const { log } = this.#options;
    const { taskArn } = this.#task;
    if (output === null) return;
    if (log === undefined) output.resume();
    else createInterface({ input: output }).on("line", (text) => log({ taskArn, stream, text }));
  }
}

/** As a shell counts: 128 plus the signal's number. */
function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
