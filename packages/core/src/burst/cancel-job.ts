import type { Clock } from "../lib/clock.ts";
import { mayHaveChildren } from "./child-depth.ts";
import type { Job, JobId } from "./job.ts";
import type { JobStore } from "./job-store.ts";
import { mapInOrder } from "./map-in-order.ts";

/** Children cancelled at a time. */
const PARALLEL = 32;

export interface CancelPorts {
  readonly jobs: Pick<JobStore, "cancel" | "children">;
  readonly clock: Pick<Clock, "now">;
}

/**
 * Cancels a job and all below it, whatever their workers do. Repeatable, and worth repeating: a job
 * that was cancelled, or has ended, may have left children at work.
 */
export async function cancelJob(
  ports: CancelPorts,
  tenant: string,
  id: JobId,
): Promise<Job | undefined> {
  // The job first: from then on it can start no child, so that none is missed.
  const job = await ports.jobs.cancel(tenant, id, ports.clock.now());
  if (job) await cancelChildren(ports, job);
  return job;
}

/** Cancels what a job has left at work, and what that has. */
export async function cancelChildren(ports: CancelPorts, job: Job): Promise<void> {
  if (!mayHaveChildren(job)) return;
  const { tenant } = job.principal;
  const children = await ports.jobs.children(tenant, job.id);
  const all = mapInOrder(children, {
    parallel: PARALLEL,
    signal: new AbortController().signal,
    run: (id) => cancelJob(ports, tenant, id),
  });
  for await (const _ of all);
}
