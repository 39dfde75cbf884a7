import type { Invocation } from "../gateway/lambda-invoker.ts";
import type { FunctionTemplate } from "../template.ts";
import { type EnvironmentSettings, ExecutionEnvironment } from "./execution-environment.ts";
import { type FunctionError, timedOut } from "./function-errors.ts";
import { type InvocationRequest, InvocationRun } from "./invocation-run.ts";
import type { InitializationType } from "./runtime-environment.ts";

export interface ProcessEvent {
  readonly function: string;
  readonly pid: number;
  readonly kind: "init" | "ready" | "exit";
  /** Since the process was started. */
  readonly ms: number;
}

export interface InvocationReport {
  readonly function: string;
  readonly requestId: string;
  readonly pid: number;
  /** Present: the invocation was a cold start. */
  readonly initMs?: number;
  readonly durationMs: number;
  readonly maxMemoryMb: number;
  readonly status: "success" | "error" | "timeout";
}

/**
 * Which idle process takes the next invocation. `most-recent` as AWS tends to do; `strict` never gives two
 * consecutive invocations to the same process and goes round at least `minProcesses` of them.
 */
export type Rotation =
  | { readonly kind: "most-recent" }
  | { readonly kind: "strict"; readonly minProcesses: number };

export interface PoolSettings
  extends Omit<
    EnvironmentSettings,
    "onFree" | "onStarted" | "onGone" | "now" | "initializationType"
  > {
  readonly now: () => number;
  readonly rotation: Rotation;
  readonly idleProcessMs: number;
  readonly initLimitMs: number;
  readonly onProcess: ((event: ProcessEvent) => void) | undefined;
  readonly report: ((report: InvocationReport) => void) | undefined;
}

interface ColdStart {
  readonly environment: ExecutionEnvironment;
  readonly error: FunctionError | undefined;
  readonly initMs: number;
}

/** Lambda has been closed; no process is started any more. */
export class LambdaClosedError extends Error {
  override readonly name = "LambdaClosedError";
  readonly code = "LAMBDA_CLOSED";
  constructor() {
    super("The local Lambda has been closed.");
  }
}

/** The execution environments of one function. */
export class FunctionPool {
  readonly #settings: PoolSettings;
  readonly #environments = new Set<ExecutionEnvironment>();
  /** Least recently used first. */
  readonly #idle: ExecutionEnvironment[] = [];
  readonly #provisioned = new Set<ExecutionEnvironment>();
  readonly #idleTimers = new Map<ExecutionEnvironment, NodeJS.Timeout>();
  readonly #onFree = new Map<ExecutionEnvironment, () => void>();
  readonly #awaitingFree: (() => void)[] = [];
  #last: ExecutionEnvironment | undefined;
  #provisioning: Promise<void> | undefined;
  #running = 0;
  #closed = false;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
  }

  get template(): FunctionTemplate {
    return this.#settings.template;
  }

  get environments(): Iterable<ExecutionEnvironment> {
    return this.#environments;
  }

  /** Starts the provisioned processes that are missing; resolves when each is initialized or has failed. */
  provision(): Promise<void> {
    this.#provisioning ??= this.#provisionAll().finally(() => {
      this.#provisioning = undefined;
    });
    return this.#provisioning;
  }

  /** One after the other: on AWS they have machines of their own, here they would take the calls' processor. */
  async #provisionAll(): Promise<void> {
    const limitMs = Math.max(PROVISIONED_INIT_LIMIT_MS, this.#timeoutMs);
    let failed = 0;
    while (!this.#closed && this.#missing > failed) {
      const { environment, error } = await this.#coldStart(limitMs, "provisioned-concurrency");
      if (error !== undefined) failed += 1;
      else if (environment.state === "idle") {
        this.#provisioned.add(environment);
        this.#keep(environment);
      }
    }
  }

  get #missing(): number {
    return (this.template.provisionedConcurrency ?? 0) - this.#provisioned.size;
  }

  /**
   * Resolves when the response starts (streaming), is complete, or can be none. Rejects with
   * LambdaClosedError.
   */
  async invoke(request: InvocationRequest): Promise<Invocation> {
    const { concurrency } = this.template;
    const patience = performance.now() + FINISHING_MS;
    while (this.#freeSoon && performance.now() < patience) await this.#nextFree(patience);
    if (this.#closed) throw new LambdaClosedError();
    if (concurrency !== undefined && this.#running >= concurrency) return { kind: "throttled" };
    this.#running += 1;
    const run = new InvocationRun(request);
    const idle = this.#takeIdle();
    if (idle === undefined) await this.#runCold(run);
    else this.#runOn(idle, run, { timeoutMs: this.#timeoutMs });
    return run.outcome;
  }

  /** Kills every process; resolves when all are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#environments].map((environment) => environment.close()));
  }

  get #timeoutMs(): number {
    return this.template.timeoutSeconds * 1000;
  }

  /**
   * An init that fails or takes over its limit is run once more as part of the invocation, within the
   * function's own timeout (Lambda Developer Guide, "Lambda execution environment lifecycle").
   */
  async #runCold(run: InvocationRun): Promise<void> {
    const first = await this.#coldStart(this.#settings.initLimitMs);
    if (first.error === undefined) {
      const { initMs } = first;
      return this.#runOn(first.environment, run, { timeoutMs: this.#timeoutMs, initMs });
    }
    const second = this.#closed ? first : await this.#coldStart(this.#timeoutMs);
    if (second.error === undefined) {
      const left = Math.max(0, this.#timeoutMs - second.initMs);
      return this.#runOn(second.environment, run, { timeoutMs: left });
    }
    const late = second.error === INIT_TIMEOUT;
    run.fail(late ? timedOut(run.requestId, this.template.timeoutSeconds) : second.error);
    this.#finish(run, second.environment, { durationMs: second.initMs });
  }

  async #coldStart(
    limitMs: number,
    initializationType: InitializationType = "on-demand",
  ): Promise<ColdStart> {
    const { template, onProcess } = this.#settings;
    const startedAt = performance.now();
    const since = () => performance.now() - startedAt;
    const tell = (kind: ProcessEvent["kind"]) =>
      onProcess?.({ function: template.name, pid: environment.pid, kind, ms: since() });
    const environment: ExecutionEnvironment = new ExecutionEnvironment({
      ...this.#settings,
      initializationType,
      now: this.#settings.now(),
      onFree: (freed) => this.#onFree.get(freed)?.(),
      onStarted: () => tell("init"),
      onGone: (gone) => {
        this.#forget(gone);
        tell("exit");
      },
    });
    this.#environments.add(environment);
    const initialized = environment.initialize();
    const late = Promise.withResolvers<FunctionError>();
    const timer = setTimeout(() => late.resolve(INIT_TIMEOUT), limitMs);
    const error = await Promise.race([initialized, late.promise]);
    clearTimeout(timer);
    if (error === undefined) tell("ready");
    else environment.kill();
    return { environment, error, initMs: since() };
  }

  #runOn(
    environment: ExecutionEnvironment,
    run: InvocationRun,
    limits: { timeoutMs: number; initMs?: number },
  ): void {
    const startedAt = performance.now();
    this.#last = environment;
    this.#onFree.set(environment, () => {
      this.#onFree.delete(environment);
      if (environment.state === "idle") this.#keep(environment);
      const { initMs } = limits;
      const durationMs = performance.now() - startedAt;
      this.#finish(
        run,
        environment,
        initMs === undefined ? { durationMs } : { durationMs, initMs },
      );
    });
    environment.run(run, limits.timeoutMs);
  }

  #finish(
    run: InvocationRun,
    environment: ExecutionEnvironment,
    times: { durationMs: number; initMs?: number },
  ): void {
    this.#running -= 1;
    for (const wake of this.#awaitingFree.splice(0)) wake();
    this.#settings.report?.({
      function: this.template.name,
      requestId: run.requestId,
      pid: environment.pid,
      ...times,
      maxMemoryMb: environment.peakMemoryMb,
      status: statusOf(run.failure),
    });
  }

  /**
   * A caller that saw the end of a response is a few milliseconds ahead of the process that wrote it; on
   * AWS the way over the network hides this.
   */
  get #freeSoon(): boolean {
    if (this.#settings.rotation.kind === "strict" || this.#idle.length > 0) return false;
    return [...this.#environments].some(({ finishing }) => finishing);
  }

  async #nextFree(patience: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#awaitingFree.push(resolve);
    const timer = setTimeout(resolve, patience - performance.now());
    await promise;
    clearTimeout(timer);
  }

  #takeIdle(): ExecutionEnvironment | undefined {
    const { rotation } = this.#settings;
    const idle = this.#idle.filter(({ state }) => state === "idle");
    let taken: ExecutionEnvironment | undefined;
    if (rotation.kind === "most-recent") taken = idle.at(-1);
    else if (this.#environments.size >= rotation.minProcesses) {
      taken = idle.find((environment) => environment !== this.#last);
    }
    if (taken !== undefined) this.#release(taken);
    return taken;
  }

  #keep(environment: ExecutionEnvironment): void {
    this.#idle.push(environment);
    if (this.#provisioned.has(environment)) return;
    const timer = setTimeout(() => {
      this.#release(environment);
      environment.kill();
    }, this.#settings.idleProcessMs);
    this.#idleTimers.set(environment, timer.unref());
  }

  #release(environment: ExecutionEnvironment): void {
    clearTimeout(this.#idleTimers.get(environment));
    this.#idleTimers.delete(environment);
    const at = this.#idle.indexOf(environment);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  #forget(environment: ExecutionEnvironment): void {
    this.#release(environment);
    this.#environments.delete(environment);
    // One whose init failed is not tried again: it would fail for ever.
    if (this.#provisioned.delete(environment)) void this.provision();
  }
}

/** Lambda Developer Guide, "Lambda execution environment lifecycle": with provisioned concurrency, or the function's timeout. */
const PROVISIONED_INIT_LIMIT_MS = 130_000;

/** How long a finished process may take to ask for its next event before another is started. */
const FINISHING_MS = 50;

const INIT_TIMEOUT: FunctionError = { type: "Sandbox.Timedout", message: "Init timed out." };

function statusOf(failure: FunctionError | undefined): InvocationReport["status"] {
  if (failure === undefined) return "success";
  return failure.type === "Sandbox.Timedout" ? "timeout" : "error";
}
