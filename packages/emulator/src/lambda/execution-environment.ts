import { type ChildProcess, spawn } from "node:child_process";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { signalGroup } from "../processes/process-group.ts";
import type { ProcessRegistry } from "../processes/process-registry.ts";
import type { FunctionTemplate, Place } from "../template.ts";
import { exited, type FunctionError } from "./function-errors.ts";
import { InvocationLimits } from "./invocation-limits.ts";
import type { InvocationRun } from "./invocation-run.ts";
import { RuntimeApi, type RuntimeApiListener } from "./runtime-api.ts";
import {
  functionArn,
  type InitializationType,
  nodeArguments,
  runtimeEnvironment,
} from "./runtime-environment.ts";

const SHIM = fileURLToPath(new URL("./ric-shim.cjs", import.meta.url));
const RUNTIME_CLIENT = fileURLToPath(import.meta.resolve("aws-lambda-ric"));

export interface LogLine {
  readonly function: string;
  readonly processId: number;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

export interface EnvironmentSettings {
  readonly initializationType: InitializationType;
  readonly template: FunctionTemplate;
  readonly place: Place;
  readonly now: number;
  readonly baseEnvironment: Readonly<Record<string, string>>;
  readonly freeze: boolean;
  readonly registry: ProcessRegistry;
  readonly log: ((line: LogLine) => void) | undefined;
  /** The invocation handed over by `run` is over and the process waits for another, or is gone. */
  readonly onFree: (environment: ExecutionEnvironment) => void;
  readonly onStarted: (environment: ExecutionEnvironment) => void;
  readonly onGone: (environment: ExecutionEnvironment) => void;
}

export type EnvironmentState = "init" | "idle" | "busy" | "gone";

const KILLED = exited("", { code: null, signal: "SIGKILL" });

/** One execution environment: a process with the real runtime client, one invocation at a time. */
export class ExecutionEnvironment implements RuntimeApiListener {
  readonly #settings: EnvironmentSettings;
  readonly #api = new RuntimeApi(this);
  #run: InvocationRun | undefined;
  #limits: InvocationLimits | undefined;
  #waiting = false;
  #initialized: (error?: FunctionError) => void = () => {};
  readonly #end = Promise.withResolvers<void>();
  state: EnvironmentState = "init";
  pid = 0;
  invocations = 0;

  constructor(settings: EnvironmentSettings) {
    this.#settings = settings;
  }

  /** Starts the process; resolves when it waits for its first event, or with what its init failed. */
  async initialize(): Promise<FunctionError | undefined> {
    const runtimeApi = await this.#api.start();
    if (this.state !== "init") {
      this.#gone(KILLED);
      return KILLED;
    }
    const initialized = new Promise<FunctionError | undefined>((resolve) => {
      this.#initialized = resolve;
    });
    const { template } = this.#settings;
    const environment = runtimeEnvironment({
      ...this.#settings,
      runtimeApi,
      runtimeDir: dirname(RUNTIME_CLIENT),
    });
    const child = spawn(
      process.execPath,
      [...nodeArguments(template.memoryMb), "--require", SHIM, RUNTIME_CLIENT, template.handler],
      {
        cwd: template.codeDir,
        env: environment,
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
      },
    );
    this.#watch(child);
    return initialized;
  }

  /** Hands an invocation to the idle process, which thaws for it. */
  run(run: InvocationRun, timeoutMs: number): void {
    const { template, place } = this.#settings;
    this.state = "busy";
    this.invocations += 1;
    this.#run = run;
    this.#waiting = false;
    if (this.#settings.freeze) signalGroup(this.pid, "SIGCONT");
    this.#limits = new InvocationLimits(this, run, { timeoutMs, template });
    this.#api.deliver({
      requestId: run.requestId,
      deadlineMs: Date.now() + timeoutMs,
      functionArn: functionArn(place, template.name),
      event: run.request.event,
    });
  }

  /** It has answered and will ask for the next event at any moment. */
  get finishing(): boolean {
    return this.state === "busy" && this.#run?.answered === true;
  }

  /** Most memory the process ever held, MiB; 0 where it cannot be known. */
  get peakMemoryMb(): number {
    return this.#limits?.peakMemoryMb ?? 0;
  }

  /** SIGKILL to everything in the environment; a stopped process dies of it too. */
  kill(): void {
    if (this.state === "gone") return;
    this.state = "gone";
    if (this.pid !== 0) signalGroup(this.pid, "SIGKILL");
  }

  /** Kills without waiting for what the process may still have sent; resolves when it is gone. */
  async close(): Promise<void> {
    this.kill();
    await this.#api.close();
    await this.#end.promise;
  }

  asked(): void {
    this.#waiting = true;
    if (this.state === "init") {
      this.state = "idle";
      this.#initialized();
    }
    this.#settle();
  }

  async responded(requestId: string, request: Parameters<RuntimeApiListener["responded"]>[1]) {
    if (this.#run?.requestId !== requestId) request.resume();
    else await this.#run.respond(request);
    this.#settle();
  }

  failed(requestId: string, error: FunctionError): void {
    if (this.#run?.requestId === requestId) this.#run.fail(error);
    this.#settle();
  }

  initFailed(error: FunctionError): void {
    this.#initialized(error);
  }

  /** Frozen as soon as it has answered and asked for more: nothing after a response can be counted on. */
  #settle(): void {
    if (this.state !== "busy" || !this.#waiting || this.#run?.answered !== true) return;
    this.#limits?.end();
    this.#run = undefined;
    this.state = "idle";
    if (this.#settings.freeze) signalGroup(this.pid, "SIGSTOP");
    this.#settings.onFree(this);
  }

  #watch(child: ChildProcess): void {
    child.once("error", (cause) =>
      this.#gone({ type: "Runtime.InvalidEntrypoint", message: cause.message }),
    );
    if (child.pid === undefined) return;
    this.pid = child.pid;
    this.#settings.registry.add(this.pid);
    this.#settings.onStarted(this);
    this.#forward("stdout", child.stdout);
    this.#forward("stderr", child.stderr);
    child.once("exit", (code, signal) => {
      signalGroup(this.pid, "SIGKILL");
      this.#settings.registry.remove(this.pid);
      this.#gone(exited(this.#run?.requestId ?? "", { code, signal }));
    });
  }

  #gone(error: FunctionError): void {
    const run = this.#run;
    this.state = "gone";
    this.#initialized(error);
    this.#settings.onGone(this);
    const lastWords = this.#api.disconnected().then(async () => {
      // All it sent is read now: a response complete before the exit stays a response.
      run?.fail(error);
      this.#limits?.end();
      if (run !== undefined) this.#settings.onFree(this);
      await this.#api.close();
    });
    lastWords.then(this.#end.resolve, this.#end.reject);
  }

  #forward(stream: LogLine["stream"], output: Readable | null): void {
    const { log, template } = this.#settings;
    if (output === null) return;
    if (log === undefined) {
      output.resume();
      return;
    }
    createInterface({ input: output }).on("line", (text) =>
      log({ function: template.name, processId: this.pid, stream, text }),
    );
  }
}
