import {
  type Clock,
  type DisposableComputer,
  END,
  type EventLog,
  FencedError,
  Interruption,
  isLastAttempt,
  type Job,
  JobChildren,
  type JobEnd,
  type JobId,
  JobJournal,
  type JobStore,
  jobStream,
  keepResult,
  type LaunchQueue,
  type Lease,
  type Logger,
  type Principal,
  type Projects,
  parseInput,
  RefusedError,
  type ResultStore,
  recoverJob,
  runTool,
  type ToolRegistry,
  type Transfers,
  tellParent,
  UnavailableError,
  type Wakeups,
  type WorkerLauncher,
} from "@zenode/core";
import { type Ending, type Heartbeat, LEASE_MS, startHeartbeat } from "./heartbeat.ts";
import { JobAsks } from "./job-asks.ts";

export interface WorkerPorts {
  /** This worker: the ARN of its ECS task. */
  readonly worker: string;
  /** Milliseconds a tool has to make a checkpoint when the machine goes away. */
  readonly graceMs: number;
  /** Milliseconds that are waited for an answer before the job is parked. */
  readonly askPatienceMs: number;
  readonly jobs: JobStore;
  readonly results: ResultStore;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: ToolRegistry;
  /** Starts workers for the children that tools call. */
  readonly launcher: WorkerLauncher;
  readonly queue: LaunchQueue;
  readonly wakeups: Wakeups;
  /** What is committed there is committed under the lease. */
  readonly projects: (principal: Principal, lease: Lease) => Projects;
  readonly transfers?: (principal: Principal) => Transfers;
  readonly computer: (projects: Projects, signal: AbortSignal) => Promise<DisposableComputer>;
}

/**
 * `not-claimed`: somebody else has the job or it has ended; `given-back`: the machine goes away, another
 * worker resumes; `parked`: one does when a person has answered.
 */
export type RunOutcome = JobEnd["state"] | "not-claimed" | "given-back" | "parked" | "lease-lost";

/**
 * Claims a job, runs its tool and writes its end exactly once. Whatever happens, the job is then
 * either ended, back in the queue, or another worker's.
 */
export async function runJob(
  ports: WorkerPorts,
  order: { readonly tenant: string; readonly id: JobId },
  shutdown: AbortSignal,
): Promise<RunOutcome> {
  const { jobs, clock } = ports;
  const now = clock.now();
  const { worker } = ports;
  const job = await jobs.claim(order.tenant, order.id, { worker, leaseUntil: now + LEASE_MS, now });
  if (!job) return "not-claimed";
  const lease: Lease = { tenant: order.tenant, id: order.id, fence: job.fence };
  const journal = new JobJournal({
    log: ports.log,
    stream: jobStream(job),
    fence: job.fence,
    clock,
  });
  const asks = new JobAsks({ ...ports, journal, lease, job });
  const heartbeat = startHeartbeat(ports, lease, asks);
  try {
    await journal.open({ attempt: job.attempts });
    if (!(await jobs.start(lease, clock.now()))) return "lease-lost";
    const signal = AbortSignal.any([
      heartbeat.signal,
      asks.parked,
      toInterruption(shutdown, ports.graceMs),
    ]);
    const children = new JobChildren(ports, job, signal);
    const running = { job, journal, asks, children, lease };
    const work = await stoppingAsks(asks, signal, () => runTask(ports, running, signal));
    await children.close();
    await journal.flush();
    if (asks.parked.aborted) return "parked";
    const isOurs = !heartbeat.signal.aborted;
    if (isOurs && work.stopped && shutdown.aborted) return await giveBack(ports, lease);
    if (isOurs && work.unavailable) return await tryAgain(ports, lease);
    return await endJob(ports, running, toEnd(work, heartbeat.signal), heartbeat);
  } catch (cause) {
    if (cause instanceof FencedError) return "lease-lost";
    throw cause;
  } finally {
    asks.close(new Error("The tool has ended."));
    await heartbeat.stop();
  }
}

/** A listener that stayed would keep a signal that never aborts, and with it the job, for as long as the process. */
async function stoppingAsks<T>(
  asks: JobAsks,
  signal: AbortSignal,
  run: () => Promise<T>,
): Promise<T> {
  const close = () => asks.close(signal.reason);
  signal.addEventListener("abort", close);
  try {
    return await run();
  } finally {
    signal.removeEventListener("abort", close);
  }
}

async function giveBack({ jobs, clock }: WorkerPorts, lease: Lease): Promise<RunOutcome> {
  return (await jobs.release(lease, clock.now())) ? "given-back" : "lease-lost";
}

/** What the platform's services failed at is no end of the job: another attempt may have it, after its back-off. */
async function tryAgain(ports: WorkerPorts, lease: Lease): Promise<RunOutcome> {
  const outcome = await giveBack(ports, lease);
  if (outcome === "given-back") await recoverJob(ports, lease, ports.worker);
  return outcome;
}

/** A machine that goes away leaves its tool a moment. */
function toInterruption(shutdown: AbortSignal, graceMs: number): AbortSignal {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new Interruption("shutdown", graceMs));
  if (shutdown.aborted) interrupt();
  shutdown.addEventListener("abort", interrupt, { once: true });
  return interrupted.signal;
}

/** A tool that ended by itself keeps its result, even when it was cancelled meanwhile. */
function toEnd(work: Work, heartbeat: AbortSignal): JobEnd {
  return work.stopped && heartbeat.reason === ("cancelled" satisfies Ending) ? CANCELLED : work.end;
}

/** A result that is too large for an answer is stored before the outcome that names its parts. */
async function toKept({ results }: WorkerPorts, job: Job, jobEnd: JobEnd): Promise<JobEnd> {
  const { outcome } = jobEnd;
  if (outcome.kind !== "result") return jobEnd;
  return { ...jobEnd, outcome: await keepResult(results, job, outcome.result) };
}

/** What it left at work is cancelled before it ends, and who waits for it is told afterwards. */
async function endJob(
  ports: WorkerPorts,
  { job, lease, journal, children }: Running,
  jobEnd: JobEnd,
  { signal }: Pick<Heartbeat, "signal">,
): Promise<RunOutcome> {
  const { jobs, clock } = ports;
  if (signal.reason !== ("lease-lost" satisfies Ending)) await children.cancel();
  const kept = await toKept(ports, job, jobEnd);
  const outcome = await end({ jobs, lease, journal, now: clock.now() }, kept);
  if (outcome !== "lease-lost") await tellParent(ports.log, job);
  return outcome;
}

/** The outcome first, which counts, then the log's end, which is heard. */
async function end(
  held: { jobs: JobStore; lease: Lease; journal: JobJournal; now: number },
  jobEnd: JobEnd,
): Promise<RunOutcome> {
  if (!(await held.jobs.finish(held.lease, jobEnd, held.now))) return "lease-lost";
  held.journal.add({ kind: END, data: { state: jobEnd.state } });
  await held.journal.flush();
  return jobEnd.state;
}

const CANCELLED: JobEnd = {
  state: "cancelled",
  outcome: { kind: "error", code: "cancelled", message: "The call was cancelled." },
  statusMessage: "The call was cancelled.",
};

interface Work {
  readonly end: JobEnd;
  /** The tool was told to stop before it had ended. */
  readonly stopped: boolean;
  /** A service that was needed could not be reached, and it is not the last attempt. */
  readonly unavailable?: boolean;
}

interface Running {
  readonly job: Job;
  readonly journal: JobJournal;
  readonly asks: JobAsks;
  readonly children: JobChildren;
  readonly lease: Lease;
}

/** Runs the tool; every way it can end is a JobEnd. */
async function runTask(
  ports: WorkerPorts,
  { job, journal, asks, children, lease }: Running,
  signal: AbortSignal,
): Promise<Work> {
  const tool = ports.registry.get(job.tool);
  if (!tool) return failed("unknown_tool", `This worker has no tool named ${job.tool}.`);
  const projects = ports.projects(job.principal, lease);
  const transfers = ports.transfers?.(job.principal);
  const computer = await ports.computer(projects, signal);
  try {
    const input: unknown = await parseInput(tool.input, job.input);
    const context = {
      principal: job.principal,
      projects,
      ...(transfers && { transfers }),
      clock: ports.clock,
      signal,
      computer,
      children,
      progress: (progress: number, total?: number, message?: string) =>
        journal.add({
          kind: "progress",
          data: {
            progress,
            ...(total !== undefined && { total }),
            ...(message !== undefined && { message }),
          },
        }),
      log: (level: string, data: Parameters<JobJournal["add"]>[0]["data"]) =>
        journal.add({ kind: "log", data: { level, data } }),
      ask: asks.ask,
      checkpoint: asks.checkpoint,
      ...(job.checkpoint !== undefined && { resumed: job.checkpoint }),
    };
    const { result, stopped } = await runTool(tool, input, context, job.expiresAt);
    return { end: { state: "completed", outcome: { kind: "result", result } }, stopped };
  } catch (cause) {
    if (cause instanceof RefusedError) return failed(cause.code, cause.message);
    ports.logger.error("tool failed", cause, { job: job.id, tool: job.tool });
    const message = `${job.tool} failed for a reason of the platform's. It was recorded as ${job.id}.`;
    const unavailable = cause instanceof UnavailableError && !isLastAttempt(job);
    return { ...failed("internal", message), unavailable };
  } finally {
    await computer.dispose();
  }
}

function failed(code: string, message: string): Work {
  const outcome = { kind: "error", code, message } as const;
  return { end: { state: "failed", outcome, statusMessage: message }, stopped: false };
}
