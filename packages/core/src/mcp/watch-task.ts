import { isTerminal, type Job, outstanding } from "../burst/job.ts";
import type { Served } from "./exchange.ts";
import { toDetailedTask } from "./task-wire.ts";

export interface TaskWatch {
  readonly signal: AbortSignal;
  /** Takes the task as `tasks/get` would answer it. */
  readonly tell: (task: object) => void;
}

/** Events that mean nothing to a task's state. */
const CHATTER: ReadonlySet<string> = new Set(["progress", "log"]);

/** Tells how a task is now, and again each time that changes, until it has ended. */
export async function watchTask(served: Served, job: Job, watch: TaskWatch): Promise<void> {
  const { calls, clock } = served.ports;
  let told: string | undefined;
  const look = async (): Promise<boolean> => {
    const current = await calls.job(job.principal.tenant, job.id);
    if (!current) return false;
    const shown = toShown(current);
    if (shown !== told) watch.tell(toDetailedTask(current, clock.now()));
    told = shown;
    return !isTerminal(current.state);
  };
  if (!(await look())) return;
  for await (const { kind } of calls.follow(job, 0, watch.signal)) {
    if (!CHATTER.has(kind) && !(await look())) return;
  }
  if (!watch.signal.aborted) await look();
}

/** What of a task is news: not the times, which each heartbeat moves. */
function toShown(job: Job): string {
  const { status, statusMessage } = toDetailedTask(job, 0);
  return JSON.stringify([status, statusMessage, outstanding(job).map(({ key }) => key)]);
}
