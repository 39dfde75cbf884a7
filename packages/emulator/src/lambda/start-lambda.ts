import { join } from "node:path";
import type { EmulatorClock } from "../clock.ts";
import type { FaultPlan } from "../faults/fault-plan.ts";
import type { Invocation, LambdaInvoker } from "../gateway/lambda-invoker.ts";
import { serve } from "../http/serve.ts";
import { ProcessRegistry } from "../processes/process-registry.ts";
import type { FunctionTemplate, Place } from "../template.ts";
import {
  AsyncInvocations,
  type AsyncRetry,
  AWS_ASYNC_RETRY,
  type DiscardedEvent,
} from "./async-invocations.ts";
import type { EnvironmentState, LogLine } from "./execution-environment.ts";
import {
  FunctionPool,
  type InvocationReport,
  type ProcessEvent,
  type Rotation,
} from "./function-pool.ts";
import { invokeApi } from "./invoke-api.ts";
import { interfere, type Outcome } from "./service-outcome.ts";

export interface LambdaOptions {
  /** Folder for the list of running processes. */
  readonly dir: string;
  readonly functions: readonly FunctionTemplate[];
  readonly place: Place;
  readonly clock: EmulatorClock;
  readonly faults: FaultPlan;
  readonly port?: number;
  /** Variables of every function, under those of its template. */
  readonly baseEnvironment?: Readonly<Record<string, string>>;
  /** Stop a process between invocations, as AWS does; default true. */
  readonly freeze?: boolean;
  /** Default: the most recently used idle process first. */
  readonly rotation?: Rotation;
  /** Idle processes end after this; default 10 minutes. */
  readonly idleProcessMs?: number;
  /** Limit of the init phase; AWS: 10 s. */
  readonly initLimitMs?: number;
  readonly asyncRetry?: AsyncRetry;
  readonly log?: (line: LogLine) => void;
  readonly onProcess?: (event: ProcessEvent) => void;
  readonly onDiscarded?: (event: DiscardedEvent) => void;
  readonly report?: (report: InvocationReport) => void;
}

export interface LambdaProcess {
  readonly pid: number;
  readonly function: string;
  readonly state: EnvironmentState;
  readonly invocations: number;
}

export interface Lambda extends LambdaInvoker {
  /** Of the Invoke API. */
  readonly endpoint: string;
  readonly port: number;
  /**
   * Asynchronous invocation; resolves when the event was processed, or discarded after its retries.
   * Rejects with UnknownFunctionError.
   */
  invokeAsync(functionName: string, event: unknown): Promise<void>;
  processes(): readonly LambdaProcess[];
  /** Resolves when no provisioned process is missing, but for those whose init failed. */
  provisioned(): Promise<void>;
  /** SIGKILL; false where no function process has this pid. */
  kill(pid: number): boolean;
  /** Resolves when no asynchronous event is left. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** The template has no function of this name. */
export class UnknownFunctionError extends Error {
  override readonly name = "UnknownFunctionError";
  readonly code = "UNKNOWN_FUNCTION";
  constructor(functionName: string) {
    super(`There is no function ${functionName}.`);
  }
}

const IDLE_PROCESS_MS = 10 * 60_000;
const INIT_LIMIT_MS = 10_000;

/**
 * Runs the template's functions, each invocation in a process with the real Node.js runtime client.
 * Rejects with PortTakenError.
 */
export async function startLambda(options: LambdaOptions): Promise<Lambda> {
  const registry = ProcessRegistry.open(join(options.dir, "lambda-processes.jsonl"));
  const pools = new Map(
    options.functions.map((template) => [template.name, poolOf(template, { options, registry })]),
  );
  const invokeService = serviceOf(pools, options.faults);
  const queue = new AsyncInvocations({
    retry: options.asyncRetry ?? AWS_ASYNC_RETRY,
    invoke: (name, event) => invokeService(name, event, { streaming: false }),
    onDiscarded: options.onDiscarded,
  });
  const knows = (name: string) => pools.has(name);
  const submit = (name: string, event: unknown) => queue.submit(name, event);
  const handler = invokeApi({ place: options.place, knows, invoke: invokeService, submit });
  const listening = await serve(handler, options.port).catch((cause: unknown) => {
    registry.close();
    throw cause;
  });
  const provisioned = async () => {
    await Promise.all([...pools.values()].map((pool) => pool.provision()));
  };
  await provisioned();
  const environments = () => [...pools.values()].flatMap((pool) => [...pool.environments]);

  return {
    endpoint: listening.endpoint,
    port: listening.port,
    invoke: async (name, event, mode) => toInvocation(await invokeService(name, event, mode)),
    invokeAsync: async (name, event) => {
      if (!knows(name)) throw new UnknownFunctionError(name);
      await submit(name, event);
    },
    processes: () => [...pools.values()].flatMap(processesOf),
    provisioned,
    kill: (pid) => {
      const environment = environments().find((candidate) => candidate.pid === pid);
      environment?.kill();
      return environment !== undefined;
    },
    drain: () => queue.drain(),
    close: async () => {
      queue.close();
      await Promise.all([...pools.values()].map((pool) => pool.close()));
      registry.close();
      await listening.close();
    },
  };
}

function poolOf(
  template: FunctionTemplate,
  { options, registry }: { options: LambdaOptions; registry: ProcessRegistry },
): FunctionPool {
  return new FunctionPool({
    template,
    registry,
    place: options.place,
    now: () => options.clock.now(),
    baseEnvironment: options.baseEnvironment ?? {},
    freeze: options.freeze ?? true,
    rotation: options.rotation ?? { kind: "most-recent" },
    idleProcessMs: options.idleProcessMs ?? IDLE_PROCESS_MS,
    initLimitMs: options.initLimitMs ?? INIT_LIMIT_MS,
    log: options.log,
    onProcess: options.onProcess,
    report: options.report,
  });
}

function serviceOf(pools: ReadonlyMap<string, FunctionPool>, faults: FaultPlan) {
  return async (
    name: string,
    event: unknown,
    { streaming }: { streaming: boolean },
  ): Promise<Outcome> => {
    const pool = pools.get(name);
    if (pool === undefined) throw new UnknownFunctionError(name);
    const interference = await interfere(faults.draw("lambda", name));
    if (interference.kind === "refused") return interference.outcome;
    const { killAfterMs } = interference;
    const request = { event: JSON.stringify(event ?? null), streaming };
    return pool.invoke(killAfterMs === undefined ? request : { ...request, killAfterMs });
  };
}

function processesOf(pool: FunctionPool): LambdaProcess[] {
  return [...pool.environments].map(({ pid, state, invocations }) => ({
    pid,
    function: pool.template.name,
    state,
    invocations,
  }));
}

function toInvocation(outcome: Outcome): Invocation {
  if (outcome.kind !== "service-error") return outcome;
  return {
    kind: "function-error",
    errorType: "ServiceException",
    message: "The AWS Lambda service encountered an internal error.",
  };
}
