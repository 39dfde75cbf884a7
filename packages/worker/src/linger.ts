import {
  type Clock,
  isClosed,
  type JobId,
  type Logger,
  MINUTE,
  ORDER_AHEAD_MS,
  SECOND,
  type WarmWorker,
  type WarmWorkers,
} from "@zenode/core";
import type { WorkerTask } from "./task-metadata.ts";

/** How often a waiting worker looks for an order: one RRU each, so about 290 a minute. */
export const LOOK_MS = 200;
/** Left of the paid minute for the process to end and the task to be taken down. */
const LEAVE_MS = SECOND;

export interface JobOrder {
  readonly tenant: string;
  readonly id: JobId;
}

export interface LingerPorts {
  readonly task: WorkerTask;
  readonly warm: WarmWorkers;
  readonly clock: Clock;
  readonly logger: Pick<Logger, "info">;
}

export interface PaidTime {
  /** When the bill began, in milliseconds since the epoch; Fargate's is for a minute at least. */
  readonly billedSince: number;
  readonly now: number;
  /** Absent: only as long as it costs nothing. 0: not at all. Else at least so long after each job. */
  readonly lingerMs?: number;
}

/** Until when a worker waits for its next job. Undefined: it is not worth while. */
export function lingerUntil({ billedSince, now, lingerMs }: PaidTime): number | undefined {
  if (lingerMs === 0) return undefined;
  const paid = billedSince + MINUTE - LEAVE_MS;
  const until = Math.max(paid, now + (lingerMs ?? 0));
  return until > now + ORDER_AHEAD_MS ? until : undefined;
}

export interface Wait {
  readonly tenant: string;
  readonly until: number;
  /** Of the offer: 1, 2, … */
  readonly number: number;
}

/**
 * Offers this worker to its tenant and waits for an order. Undefined: none came, or the worker has to
 * go (`shutdown`); an order that came too late for it is then left for the reaper to find.
 */
export async function linger(
  { task, warm, clock, logger }: LingerPorts,
  { tenant, until, number }: Wait,
  shutdown: AbortSignal,
): Promise<JobOrder | undefined> {
  const { arn: worker, cpu, memoryMb, taskDefinition } = task;
  await warm.offer(tenant, { worker, cpu, memoryMb, taskDefinition, until, number });
  logger.info("waiting", { tenant, ms: until - clock.now() });
  const held = await look({ warm, clock }, { tenant, until, worker }, shutdown);
  // Somebody believes this worker gone: whatever it was ordered is being given to another one.
  if (held === "gone") return undefined;
  const order = held?.order ?? (await warm.withdraw(tenant, worker));
  return order && !shutdown.aborted ? { tenant, id: order.job } : undefined;
}

/** Looks at the worker's entry until there is an order in it. Undefined: its time is over. */
async function look(
  { warm, clock }: Pick<LingerPorts, "warm" | "clock">,
  { tenant, until, worker }: Pick<Wait, "tenant" | "until"> & { readonly worker: string },
  shutdown: AbortSignal,
): Promise<WarmWorker | "gone" | undefined> {
  while (clock.now() < until) {
    await clock.sleep(LOOK_MS, shutdown);
    if (shutdown.aborted) return undefined;
    const held = await warm.get(tenant, worker);
    if (!held || isClosed(held)) return "gone";
    if (held.order) return held;
  }
  return undefined;
}
