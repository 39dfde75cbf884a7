import type { Principal } from "../access/principal.ts";
import { SECOND } from "../lib/duration.ts";
import { RefusedError } from "../lib/error.ts";
import { newId } from "../lib/id.ts";
import type { Json } from "../lib/json.ts";
import { type TailPace, tail } from "../log/tail.ts";
import { checkInputSize } from "../tool/run-tool.ts";
import type { ToolContext } from "../tool/tool-context.ts";
import { toWorkerSize } from "../tool/worker-size.ts";
import type { Transfers } from "../transfer/transfers.ts";
import type { Projects } from "../workspace/projects.ts";
import { toBasisKey, toCallKey } from "./call-key.ts";
import { answerHere, readPart } from "./call-results.ts";
import type { Caller, CallService, HereEnd, PlacedCall, ToolCall } from "./call-service.ts";
import { cancelJob } from "./cancel-job.ts";
import { bringToWorker, dispatch } from "./dispatch.ts";
import { foldProgress } from "./fold-progress.ts";
import { type Carried, HERE_MS, runInPlace } from "./here-run.ts";
import { isTerminal, type Job, type JobId, jobStream, TASK_TTL_MS } from "./job.ts";
import { isUnderWay } from "./launch.ts";
import type { PlacementHistory } from "./placement-history.ts";
import { type Expectation, learnt, place } from "./placement-policy.ts";
import { type RecoveryPorts, recoverJob } from "./recover.ts";
import type { ResultStore } from "./result-store.ts";
import { FIRST_LOOK_SECONDS } from "./watch.ts";

export interface CallPorts extends RecoveryPorts {
  readonly results: ResultStore;
  readonly projects: (principal: Principal) => Projects;
  readonly transfers?: (principal: Principal) => Transfers;
  readonly history: PlacementHistory;
  /** Told of failures that fail no call. */
  readonly report: (cause: unknown) => void;
  readonly pace?: TailPace;
  /** Milliseconds a call that may move runs here before it does; absent: 20 s. */
  readonly hereMs?: number;
}

/** While a call is weighed nobody listens. */
const SILENT: Caller & Pick<ToolContext, "checkpoint"> = {
  progress: () => undefined,
  log: () => undefined,
  ask: () => Promise.reject(new Error("A placement asks nobody.")),
  checkpoint: async () => undefined,
};

/** Calls over the ports: quick ones run here, long ones become jobs. */
export function createCalls(ports: CallPorts): CallService {
  const { jobs, log, clock } = ports;
  return {
    place: (call) => placeCall(ports, call),
    job: (tenant, id) => jobs.get(tenant, id),
    list: (principal, limit) => jobs.list(principal, limit),
    follow(job, after, signal) {
      const { tenant } = job.principal;
      const stillOpen = async () => {
        // A follower notices what nobody else may have: a launch without capacity, a lease run out.
        await recoverJob(ports, { tenant, id: job.id });
        const current = await jobs.get(tenant, job.id);
        if (current?.state === "queued") await dispatch(ports);
        return current !== undefined && !isTerminal(current.state);
      };
      const { pace } = ports;
      // Who comes to a job at work, be it again, is told how far it is and not how it got there.
      const catchUp = after === 0 && job.attempts > 0 ? foldProgress : undefined;
      return tail(log, jobStream(job), { after, clock, signal, stillOpen, pace, catchUp });
    },
    async answer(tenant, id, answers) {
      const job = await jobs.answer(tenant, id, answers, clock.now());
      // It was parked, and this was the last answer due.
      if (job?.state === "queued") await bringToWorker(ports, job);
      return job;
    },
    readPart: (job, part) => readPart(ports.results, job, part),
    cancel: (tenant, id) => cancelJob(ports, tenant, id),
  };
}

async function placeCall(ports: CallPorts, call: ToolCall): Promise<PlacedCall> {
  checkInputSize(call.tool, call.sent);
  const { tool, input } = call;
  const { signal } = new AbortController();
  const { clock, hereMs = HERE_MS } = ports;
  const { principal, deadline } = call;
  const transfers = ports.transfers?.(principal);
  const context = {
    principal,
    projects: ports.projects(principal),
    ...(transfers && { transfers }),
  };
  const weighing: ToolContext = { ...context, ...SILENT, clock, signal, deadline };
  const { tenant } = principal;
  const { timeoutMs } = tool.limits;
  const bounds = { timeoutMs, hereMs, tenant, tool: tool.name };
  const placed = await place(tool.placement, input, weighing, bounds, ports.history);
  if (placed.where === "fargate") {
    return { kind: "burst", job: await submit(ports, call, await basisOf(call, weighing)) };
  }
  const move = (carried: Carried) => submit(ports, call, carried);
  const here = { clock, context, hereMs, ...(tool.placement.kind === "auto" && { move }) };
  return {
    kind: "here",
    run: async (caller, signal) => {
      const started = clock.now();
      const end = await runInPlace(call, here, { caller, signal });
      await learn(ports, call, placed.expected, { end, started });
      if (end.kind !== "result") return end;
      const times = { now: clock.now(), ttlMs: TASK_TTL_MS };
      return { kind: "result", result: await answerHere(ports, call, end.result, times) };
    },
  };
}

/** Stores the job, or finds the one that runs for the same call; brings what is queued to a worker. */
async function submit(
  ports: CallPorts,
  call: ToolCall,
  more: Partial<Pick<Job, "basis" | "inputs" | "checkpoint">>,
): Promise<Job> {
  const { clock, wakeups } = ports;
  const { tenant } = call.principal;
  const id = newId("task");
  const now = clock.now();
  const watch = () => wakeups.wake({ kind: "watch", tenant, id }, FIRST_LOOK_SECONDS);
  // Before the job is stored: no death of this process leaves one that nobody looks after.
  await watch();
  const { job, created } = await ports.jobs.create({ ...(await toJob(call, id, now)), ...more });
  // Storing took so long that the look may have come before it.
  if (created && clock.now() - now > (FIRST_LOOK_SECONDS / 2) * SECOND) await watch();
  // One that was found may have been stored by a process that then died.
  const isIdle = job.state === "queued" && !isUnderWay(job, now);
  if (created || isIdle) await bringToWorker(ports, job);
  return job;
}

/** What the call has shown, for the next ones. The answer does not depend on it. */
async function learn(
  { history, clock, report }: CallPorts,
  { tool, principal }: ToolCall,
  expected: Expectation | undefined,
  { end, started }: { readonly end: HereEnd; readonly started: number },
): Promise<void> {
  // What was refused, taken back, or waits for a person says nothing of the work.
  const isDone = end.kind === "moved" || (end.kind === "result" && end.result.isError !== true);
  if (!expected || !isDone) return;
  const now = clock.now();
  const to = learnt(expected, { tookMs: now - started, outgrew: end.kind === "moved" });
  if (to === undefined) return;
  const change = { from: expected.factor, to, now };
  await history.learn(principal.tenant, tool.name, change).catch(report);
}

/** A refusal is the tool's to tell. */
async function basisOf(
  { tool, input }: ToolCall,
  context: ToolContext,
): Promise<Pick<Job, "basis">> {
  try {
    return tool.basis ? { basis: await toBasisKey(await tool.basis(input, context)) } : {};
  } catch (cause) {
    if (cause instanceof RefusedError) return {};
    throw cause;
  }
}

async function toJob(call: ToolCall, id: JobId, now: number): Promise<Job> {
  const { tool, principal, sent, asks } = call;
  const size = toWorkerSize(tool.name, tool.limits);
  return {
    id,
    principal,
    tool: tool.name,
    input: (sent ?? {}) as Json,
    callKey: await toCallKey(principal, tool.name, sent ?? {}),
    state: "queued",
    fence: 0,
    attempts: 0,
    leaseUntil: 0,
    cancelRequested: false,
    createdAt: now,
    updatedAt: now,
    expiresAt: now + TASK_TTL_MS,
    asks,
    ...(size && { size }),
    inputs: [],
  };
}
