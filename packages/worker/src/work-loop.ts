import type { Logger } from "@zenode/core";
import { type JobOrder, type LingerPorts, linger, lingerUntil } from "./linger.ts";
import { type RunOutcome, runJob, type WorkerPorts } from "./run-job.ts";
import { ToolWatch } from "./tool-watch.ts";

export interface LoopPorts extends LingerPorts {
  readonly logger: Logger;
  /** See `PaidTime`. */
  readonly billedSince: number;
  readonly lingerMs?: number;
  /** What one job is run with: nothing in it was used by another job. */
  readonly forJob: () => WorkerPorts;
  /** Ends the processes and removes the files that a job left. @throws PlatformError when something stays. */
  readonly cleanUp: () => Promise<void>;
}

/**
 * Runs a worker's first job and then those that its tenant orders while it is paid for anyway. Ends
 * when nothing comes, at `shutdown`, or when the last job can't be cleaned up after: what the next
 * one would find could be another user's.
 */
export async function workLoop(
  ports: LoopPorts,
  first: JobOrder,
  shutdown: AbortSignal,
): Promise<void> {
  const { task, warm, clock } = ports;
  let order: JobOrder | undefined = first;
  for (let number = 1; order; number += 1) {
    const { tenant }: JobOrder = order;
    const isClean = await runOne(ports, order, shutdown);
    // What it gave back is found by its entry: the reaper hands it on.
    if (shutdown.aborted) return;
    const until = isClean ? lingerUntil({ ...ports, now: clock.now() }) : undefined;
    if (until === undefined) {
      // The job it was ordered has ended: nobody has to look for it here.
      if (number > 1) await warm.remove(tenant, task.arn);
      return;
    }
    order = await linger(ports, { tenant, until, number }, shutdown);
  }
}

/** False: something of the job still runs in this process. */
async function runOne(
  { forJob, cleanUp, logger, clock }: LoopPorts,
  order: JobOrder,
  shutdown: AbortSignal,
): Promise<boolean> {
  const started = clock.now();
  const watch = new ToolWatch();
  const outcome = await stoppable(shutdown, (signal) => {
    const ports = forJob();
    return runJob({ ...ports, registry: watch.over(ports.registry) }, order, signal);
  });
  logger.info("job", { ...order, outcome, ms: clock.now() - started });
  if (shutdown.aborted) return false;
  await cleanUp();
  return !watch.isBusy;
}

/** A signal of its own for each job, let go of afterwards: the worker's lives on and must keep nothing of a job. */
async function stoppable(
  shutdown: AbortSignal,
  run: (signal: AbortSignal) => Promise<RunOutcome>,
): Promise<RunOutcome> {
  const stop = new AbortController();
  const pass = () => stop.abort(shutdown.reason);
  if (shutdown.aborted) pass();
  shutdown.addEventListener("abort", pass);
  try {
    return await run(stop.signal);
  } finally {
    shutdown.removeEventListener("abort", pass);
  }
}
