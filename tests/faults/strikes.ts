import { setTimeout as delay } from "node:timers/promises";
import type { SeenTask } from "./model/history.ts";
import { isEntry } from "./model/warm-rules.ts";
import type { RunObserver } from "./observers/run-observer.ts";
import type { Act, StrikeKind } from "./scenarios.ts";

const LOOK_MS = 10;
/** A worker that hangs is given up when no order comes: its time is over by then. */
const HANGS_MS = 6000;

export interface Striking {
  readonly run: RunObserver;
  /** Aborts when the clients have their answers. */
  readonly over: AbortSignal;
}

/** What a strike waits for before it hits: the worker runs, waits for a job, or was ordered one. */
const PHASES: Readonly<Record<StrikeKind, "running" | "waiting" | "ordered">> = {
  kill: "running",
  spot: "running",
  "kill-waiting": "waiting",
  "spot-waiting": "waiting",
  "spot-ordered": "ordered",
  freeze: "waiting",
  "freeze-kill": "waiting",
};

/** Hits one worker that nothing has been done to yet; gives 1 if it was there to be hit. */
export async function strike(
  { kind, afterMs }: Act & { readonly kind: StrikeKind },
  striking: Striking,
): Promise<number> {
  const { run, over } = striking;
  const task = await untilSome(() => findTask(run, PHASES[kind]), over);
  run.blame(task.arn, kind);
  if (kind === "freeze" || kind === "freeze-kill")
    return hang(task, { ...striking, afterMs, kills: kind === "freeze-kill" });
  // What waits is hit while it waits.
  await delay(PHASES[kind] === "waiting" ? Math.min(afterMs, 500) : afterMs, undefined, {
    signal: over,
  });
  const { ecs } = run.path.local.cloud;
  if (kind.startsWith("kill")) return Number(ecs.kill(task.arn));
  ecs.spotInterrupt(task.arn);
  return 1;
}

function findTask(
  run: RunObserver,
  phase: "running" | "waiting" | "ordered",
): SeenTask | undefined {
  return run
    .tasks()
    .filter(({ lastStatus, faults }) => lastStatus === "RUNNING" && faults.length === 0)
    .find(({ arn }) => phase === "running" || phaseOf(run, arn) === phase);
}

/** By the worker's entry and the jobs' items as the table has them. */
function phaseOf(run: RunObserver, arn: string): "waiting" | "ordered" | undefined {
  const { rows } = run.path.table;
  const entry = rows.findLast((row) => isEntry(row) && row.sk === arn)?.now;
  if (entry === undefined) return undefined;
  if (entry.job === undefined) return "waiting";
  const job = rows.findLast(({ pk, sk }) => sk === "job" && pk.endsWith(`#J#${entry.job}`))?.now;
  return job?.state === "queued" ? "ordered" : undefined;
}

/** Stops the worker's process until some time after its order came; then it goes on, or is killed. */
async function hang(
  { arn }: SeenTask,
  { run, over, afterMs, kills }: Striking & { readonly afterMs: number; readonly kills: boolean },
): Promise<number> {
  const pid = run.pidOf(arn);
  if (pid === undefined || !signal(pid, "SIGSTOP")) return 0;
  try {
    const ordered = () => phaseOf(run, arn) === "ordered" || undefined;
    const enough = AbortSignal.any([over, AbortSignal.timeout(HANGS_MS)]);
    await untilSome(ordered, enough).catch(() => undefined);
    // Longer than an order is waited for, or shorter.
    await delay(kills ? afterMs : afterMs * 2, undefined, { signal: over });
    if (kills) return Number(run.path.local.cloud.ecs.kill(arn));
    return 1;
  } finally {
    signal(pid, "SIGCONT");
  }
}

/** False: the process has ended. */
function signal(pid: number, name: "SIGSTOP" | "SIGCONT"): boolean {
  try {
    return process.kill(pid, name);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw cause;
  }
}

async function untilSome<T>(probe: () => T | undefined, signal: AbortSignal): Promise<T> {
  for (;;) {
    const found = probe();
    if (found !== undefined) return found;
    await delay(LOOK_MS, undefined, { signal });
  }
}
