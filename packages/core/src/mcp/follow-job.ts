import { SdkError } from "@modelcontextprotocol/server";
import { isTerminal, type Job, outstanding } from "../burst/job.ts";
import { SECOND } from "../lib/duration.ts";
import { END, type StoredEvent } from "../log/event-log.ts";
import type { LogLevel } from "../tool/tool-context.ts";
import type { Serving } from "./exchange.ts";
import type { Reports } from "./reports.ts";

export interface Following {
  readonly reports: Reports;
  readonly signal: AbortSignal;
  readonly deadline: number;
  /** Since when the client has waited, milliseconds since the epoch. */
  readonly begun: number;
  /** The last of the job's events that was passed on before; 0: none. */
  readonly after: number;
  /** Of a job with outstanding requests: whether the following ends here. */
  readonly stopsAt: (job: Job) => boolean;
}

export interface Followed {
  readonly job: Job;
  /** The last of the job's events that was passed on. */
  readonly last: number;
}

/** Who comes when the client's patience is over is still told what there is. */
const LAST_LOOK_MS = SECOND;

/** Between reads of a job whose log has ended before its state says so. */
const SETTLE_MS = 50;

/**
 * Passes a job's progress on until it ends, and returns it as it then is: ended, asking, or still at work
 * when the stream must end first (its deadline, or the patience of a client that hears of no progress).
 */
export async function followJob(
  served: Serving,
  job: Job,
  following: Following,
): Promise<Followed> {
  const { calls, clock } = served.ports;
  const { reports, signal } = following;
  const ended = new AbortController();
  const over = AbortSignal.any([signal, ended.signal]);
  const until = endOfStream(served, following);
  let last = following.after;
  const timer = clock.sleep(until - clock.now(), over).then(() => ended.abort());
  try {
    if (isStoppedBy(job, following)) return { job, last };
    for await (const event of calls.follow(job, last, over)) {
      reports.standFor(event.number);
      pass(event, reports);
      last = event.number;
      if (event.kind === END) break;
      if (event.kind !== "input_required") continue;
      const asking = (await calls.job(job.principal.tenant, job.id)) ?? job;
      if (isStoppedBy(asking, following)) return { job: asking, last };
    }
    return { job: await readEnded(served, job, over), last };
  } finally {
    ended.abort();
    await timer;
    await reports.settled();
  }
}

function isStoppedBy(job: Job, { stopsAt }: Following): boolean {
  return outstanding(job).length > 0 && stopsAt(job);
}

/** Whether the client took its request back, rather than having been lost on the way. */
export function isTakenBack(signal: AbortSignal): boolean {
  return signal.aborted && !(signal.reason instanceof SdkError);
}

function endOfStream({ ports, limits }: Serving, following: Following): number {
  const { reports, deadline, begun } = following;
  if (reports.wanted) return deadline;
  const now = ports.clock.now();
  const { patienceMs } = limits;
  const left = Math.min(patienceMs, Math.max(begun + patienceMs - now, LAST_LOOK_MS));
  return Math.min(deadline, now + left);
}

/** The log may end a moment before the job's state does. */
async function readEnded({ ports }: Serving, job: Job, signal: AbortSignal): Promise<Job> {
  for (;;) {
    const current = (await ports.calls.job(job.principal.tenant, job.id)) ?? job;
    if (isTerminal(current.state) || signal.aborted) return current;
    await ports.clock.sleep(SETTLE_MS, signal);
  }
}

/** Events are what our own workers wrote (see CallService.follow); their shapes are trusted. */
function pass({ kind, data }: StoredEvent, reports: Reports): void {
  if (kind === "progress") {
    const { progress, total, message } = data as unknown as ProgressEvent;
    reports.progress(progress, total, message);
  }
  if (kind === "log") {
    const { level, data: said } = data as unknown as LogEventData;
    reports.log(level, said);
  }
}

interface ProgressEvent {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

interface LogEventData {
  readonly level: LogLevel;
  readonly data: StoredEvent["data"];
}
