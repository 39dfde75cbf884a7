import type { Principal } from "../access/principal.ts";
import { newId } from "../lib/id.ts";
import type { Json } from "../lib/json.ts";
import { type TailPace, tail } from "../log/tail.ts";
import { checkInputSize } from "../tool/run-tool.ts";
import type { ToolContext } from "../tool/tool-context.ts";
import { toWorkerSize } from "../tool/worker-size.ts";
import type { Projects } from "../workspace/projects.ts";
import { toCallKey } from "./call-key.ts";
import { answerHere, readPart } from "./call-results.ts";
import type { Caller, CallService, PlacedCall, ToolCall } from "./call-service.ts";
import { cancelJob } from "./cancel-job.ts";
import { foldProgress } from "./fold-progress.ts";
import { type Carried, HERE_MS, runInPlace } from "./here-run.ts";
import { isTerminal, type Job, jobStream, TASK_TTL_MS } from "./job.ts";
import { place } from "./placement-policy.ts";
import { launchWorker, type RecoveryPorts, recoverJob } from "./recover.ts";
import type { ResultStore } from "./result-store.ts";

export interface CallPorts extends RecoveryPorts {
  readonly results: ResultStore;
  readonly projects: (principal: Principal) => Projects;
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
      if (job?.state === "queued") await launchWorker(ports, job);
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
  const context = { principal, projects: ports.projects(principal) };
  const weighing: ToolContext = { ...context, ...SILENT, clock, signal, deadline };
  const where = await place(tool.placement, input, weighing, tool.limits.timeoutMs);
  if (where === "fargate") return { kind: "burst", job: await submit(ports, call) };
  const move = (carried: Carried) => submit(ports, call, carried);
  const here = { clock, context, hereMs, ...(tool.placement.kind === "auto" && { move }) };
  return {
    kind: "here",
    run: async (caller, signal) => {
      const end = await runInPlace(call, here, { caller, signal });
      if (end.kind !== "result") return end;
      const times = { now: clock.now(), ttlMs: TASK_TTL_MS };
      return { kind: "result", result: await answerHere(ports, call, end.result, times) };
    },
  };
}

/** Stores the job, or finds the one that runs for the same call; launches what it stored. */
async function submit(
  ports: CallPorts,
  { tool, principal, sent, asks }: ToolCall,
  carried: Carried = { inputs: [] },
): Promise<Job> {
  const now = ports.clock.now();
  const size = toWorkerSize(tool.name, tool.limits);
  const { job, created } = await ports.jobs.create({
    id: newId("task"),
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
    ...carried,
  });
  if (created) await launchWorker(ports, job);
  return job;
}
