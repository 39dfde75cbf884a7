import type { Principal } from "../access/principal.ts";
import type { Clock } from "../lib/clock.ts";
import { HOUR, SECOND } from "../lib/duration.ts";
import { newId } from "../lib/id.ts";
import type { Json } from "../lib/json.ts";
import type { Children } from "../tool/children.ts";
import type { ToolRegistry } from "../tool/registry.ts";
import { checkInputSize, runTool } from "../tool/run-tool.ts";
import type { Computer, ToolContext } from "../tool/tool-context.ts";
import type { Projects } from "../workspace/projects.ts";
import { toCallKey } from "./call-key.ts";
import { answerHere, readPart } from "./call-results.ts";
import type { Caller, CallService, PlacedCall, ToolCall } from "./call-service.ts";
import { toCheckpointText } from "./checkpoint.ts";
import { childDepth } from "./child-depth.ts";
import { toChildEnd, toChildKey } from "./child-identity.ts";
import { ChildMaps, type ChildOrder } from "./child-maps.ts";
import { RunningJob } from "./in-process-job.ts";
import { InProcessResults } from "./in-process-results.ts";
import { isTerminal, type Job, type JobId } from "./job.ts";
import type { JobEnd, JobStore } from "./job-store.ts";
import { keepResult } from "./keep-result.ts";
import { isOwn } from "./own-job.ts";
import { place } from "./placement-policy.ts";

/** How long a task and its result can be asked for. */
const TASK_TTL_MS = HOUR;

/** A machine for one job; `dispose` removes what the job left there. */
export interface DisposableComputer extends Computer {
  dispose(): Promise<void>;
}

export interface InProcessPorts {
  readonly clock: Clock;
  /** The tools that tools may call as their children. */
  readonly registry: ToolRegistry;
  readonly projects: (principal: Principal) => Projects;
  readonly computer: (signal: AbortSignal) => Promise<DisposableComputer>;
  /** Told of what a tool threw; its caller learns only that it failed. */
  readonly report: (error: unknown) => void;
  /** Aborts when the process is to end: jobs stop with it. */
  readonly signal: AbortSignal;
}

/**
 * Calls of a process that is its user's own computer: what the cloud would give to a worker runs
 * beside the rest, as a job that lives as long as the process.
 */
export function createInProcessCalls(ports: InProcessPorts): CallService {
  const jobs: Jobs = new Map();
  const results = new InProcessResults();
  const state: State = { jobs, results };
  const find = (tenant: string, id: JobId) => {
    const running = jobs.get(id);
    return running?.job.principal.tenant === tenant ? running : undefined;
  };
  return {
    place: (call) => placeCall(ports, state, call),
    job: async (tenant, id) => find(tenant, id)?.job,
    list: async (principal, limit) =>
      [...jobs.values()]
        .map(({ job }) => job)
        .filter((job) => isOwn(job, principal) && job.expiresAt > ports.clock.now())
        .reverse()
        .slice(0, limit),
    follow: (job, after, signal) =>
      find(job.principal.tenant, job.id)?.follow(after, signal) ?? nothing(),
    readPart: (job, part) => readPart(results, job, part),
    answer: async (tenant, id, answers) => find(tenant, id)?.answer(answers),
    cancel: async (tenant, id) => find(tenant, id)?.cancel(),
  };
}

async function* nothing(): AsyncGenerator<never> {
  // A job that is no longer known says nothing more.
}

type Jobs = Map<JobId, RunningJob>;

interface State {
  /** In the order they were started in. */
  readonly jobs: Jobs;
  readonly results: InProcessResults;
}

/**
 * A job costs nothing here and has a computer (ripgrep, checkouts): what should take over a quarter of
 * this in Lambda is one.
 */
const BESIDE_MS = 2 * SECOND;

/** While a call is weighed nobody listens. */
const SILENT: Caller = {
  progress: () => undefined,
  log: () => undefined,
  ask: () => Promise.reject(new Error("A placement asks nobody.")),
};

async function placeCall(ports: InProcessPorts, state: State, call: ToolCall): Promise<PlacedCall> {
  checkInputSize(call.tool, call.sent);
  const { tool, input, deadline, principal } = call;
  const weighing = { ...toContext(ports, call, SILENT, ports.signal), deadline };
  const { timeoutMs } = tool.limits;
  const { tenant } = principal;
  const bounds = { timeoutMs, hereMs: BESIDE_MS, tenant, tool: tool.name };
  const { where } = await place(tool.placement, input, weighing, bounds);
  if (where === "fargate") return { kind: "burst", job: await submit(ports, state, call) };
  return {
    kind: "here",
    run: async (caller, signal) => {
      const context = toContext(ports, call, caller, AbortSignal.any([signal, ports.signal]));
      const { result } = await runTool(tool, input, context, deadline);
      const times = { now: ports.clock.now(), ttlMs: TASK_TTL_MS };
      const keeps = { jobs: keeper(ports, state.jobs), results: state.results };
      return { kind: "result", result: await answerHere(keeps, call, result, times) };
    },
  };
}

type Context = Omit<ToolContext, "deadline">;

function toContext(
  { clock, projects }: InProcessPorts,
  { principal }: Pick<ToolCall, "principal">,
  { progress, log, ask }: Caller,
  signal: AbortSignal,
): Context {
  const kept = { principal, projects: projects(principal), clock, signal, progress, log, ask };
  return { ...kept, checkpoint };
}

/** A call of this process ends with it, so no other run ever resumes; the limit is the same. */
async function checkpoint(state: Json): Promise<void> {
  toCheckpointText(state);
}

/** Jobs that ended before they were stored. */
function keeper({ clock }: InProcessPorts, jobs: Jobs): Pick<JobStore, "keep"> {
  return { keep: async (job) => void jobs.set(job.id, new RunningJob(clock, job)) };
}

/** Starts the job, or finds the one that runs for the same call. */
async function submit(ports: InProcessPorts, state: State, call: ToolCall): Promise<Job> {
  const { tool, principal, sent } = call;
  const { jobs, results } = state;
  const callKey = await toCallKey(principal, tool.name, sent ?? {});
  const now = ports.clock.now();
  for (const { job } of jobs.values()) {
    if (job.callKey === callKey && !isTerminal(job.state)) return job;
    if (!isTerminal(job.state) || job.expiresAt > now) continue;
    jobs.delete(job.id);
    results.forget(job.id);
  }
  const job = toJob(ports, call, { id: newId("task"), callKey });
  return start(ports, state, job, call).job;
}

function toJob(
  { clock }: InProcessPorts,
  { tool, principal, sent, asks }: Pick<ToolCall, "tool" | "principal" | "sent" | "asks">,
  given: Pick<Job, "id" | "callKey" | "parent">,
): Job {
  const now = clock.now();
  return {
    ...given,
    principal,
    tool: tool.name,
    input: (sent ?? {}) as Json,
    state: "running",
    fence: 1,
    attempts: 1,
    leaseUntil: now + TASK_TTL_MS,
    cancelRequested: false,
    asks,
    inputs: [],
    createdAt: now,
    updatedAt: now,
    expiresAt: now + TASK_TTL_MS,
  };
}

function start(
  ports: InProcessPorts,
  state: State,
  job: Job,
  call: Pick<ToolCall, "tool" | "principal" | "input">,
): RunningJob {
  const running = new RunningJob(ports.clock, job);
  state.jobs.set(job.id, running);
  void runJob(ports, state, running, call).then((end) => running.end(end));
  return running;
}

/** A child runs beside its parent and ends with it; its parent's maps stop when the parent does. */
function childrenOf(
  ports: InProcessPorts,
  state: State,
  parent: Job,
  signal: AbortSignal,
): Children {
  const { principal } = parent;
  const run = async ({ tool, sent, input, step, index }: ChildOrder, over: AbortSignal) => {
    const callKey = await toChildKey(parent, { tool: tool.name, sent, step, index });
    const place = { id: parent.id, index, depth: childDepth(parent), after: 0 };
    const given = { id: newId("task"), callKey, parent: place };
    const child = toJob(ports, { tool, principal, sent, asks: [] }, given);
    const running = start(ports, state, child, { tool, principal, input });
    const cancel = () => running.cancel();
    over.addEventListener("abort", cancel, { once: true });
    if (over.aborted) cancel();
    for await (const _ of running.follow(0, NEVER));
    over.removeEventListener("abort", cancel);
    state.jobs.delete(child.id);
    over.throwIfAborted();
    return toChildEnd(running.job);
  };
  return new ChildMaps({ registry: ports.registry, parent, signal, run });
}

const NEVER = new AbortController().signal;

/** Never rejects: every way a tool can end is a JobEnd. */
async function runJob(
  ports: InProcessPorts,
  state: State,
  running: RunningJob,
  call: Pick<ToolCall, "tool" | "principal" | "input">,
): Promise<JobEnd> {
  const { tool, input } = call;
  const signal = AbortSignal.any([running.cancelled, ports.signal]);
  const ended = new AbortController();
  const children = childrenOf(ports, state, running.job, AbortSignal.any([signal, ended.signal]));
  try {
    const computer = await ports.computer(signal);
    try {
      const context = { ...toContext(ports, call, running, signal), computer, children };
      const { result, stopped } = await runTool(tool, input, context, running.job.expiresAt);
      if (stopped && running.cancelled.aborted) return CANCELLED;
      return { state: "completed", outcome: await keepResult(state.results, running.job, result) };
    } finally {
      ended.abort();
      await computer.dispose();
    }
  } catch (cause) {
    ports.report(cause);
    const message = `${tool.name} failed for a reason of the platform's; standard error has it.`;
    const outcome = { kind: "error", code: "internal", message } as const;
    return { state: "failed", outcome, statusMessage: message };
  }
}

const CANCELLED: JobEnd = {
  state: "cancelled",
  outcome: { kind: "error", code: "cancelled", message: "The call was cancelled." },
  statusMessage: "The call was cancelled.",
};
