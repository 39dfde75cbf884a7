import { SECOND } from "../lib/duration.ts";
import type { WorkerSize } from "../tool/worker-size.ts";
import type { JobId } from "./job.ts";

/**
 * Workers that have done their job and wait, each for its own tenant's next one, while they are paid
 * for anyway. A worker's entry lives from its first offer until it withdraws or is known to be gone;
 * while it carries out an order the entry keeps that order, so that whoever learns of the worker's
 * death finds the job. Every method is one conditional write that may be repeated; reads are strongly
 * consistent.
 */
export interface WarmWorkers {
  /**
   * The worker waits from now on, and is done with the order it had. A repeat never takes away an
   * order that came meanwhile.
   */
  offer(tenant: string, offer: WarmOffer): Promise<void>;
  /** The worker's own look at its entry. Undefined: there is none. */
  get(tenant: string, worker: string): Promise<WarmWorker | undefined>;
  /** All of the tenant's, those at work too, in the order of their names. */
  list(tenant: string): Promise<readonly WarmWorker[]>;
  /**
   * Gives a waiting worker a job. False: it has another one, does not wait until `ORDER_AHEAD_MS`
   * after `orderedAt`, or is gone. The same job again is true.
   */
  order(tenant: string, worker: string, order: WarmOrder): Promise<boolean>;
  /** The worker waits no longer. Gives the order that came before it could leave: the entry then stays, and the job is the worker's. */
  withdraw(tenant: string, worker: string): Promise<WarmOrder | undefined>;
  /** Of a worker known to be gone: nobody can order it any more. Gives its entry as it is then; undefined: there is none. */
  close(tenant: string, worker: string): Promise<WarmWorker | undefined>;
  /** Removes the entry, whatever it holds: its job has ended, or is in the queue again. */
  remove(tenant: string, worker: string): Promise<void>;
}

/** What a worker is and can take. It never changes, so a choice made by it needs no condition. */
export interface WarmOffer extends Pick<WorkerSize, "cpu" | "memoryMb"> {
  /** The ARN of its ECS task. */
  readonly worker: string;
  /** `family:revision`: a worker of another release takes none of this one's calls. */
  readonly taskDefinition: string;
  /** Milliseconds since the epoch until which it waits. */
  readonly until: number;
  /** 1 for its first offer, and so on: tells a repeat from the next one. */
  readonly number: number;
}

export interface WarmOrder {
  readonly job: JobId;
  /** Milliseconds since the epoch. */
  readonly orderedAt: number;
}

/** `until` is 0 once it is closed. */
export interface WarmWorker extends WarmOffer {
  readonly order?: WarmOrder;
}

/** An order is given this long before its worker would leave: clocks differ, and it has to look. */
export const ORDER_AHEAD_MS = SECOND;

/** An order that its worker has not turned into a claim by then is not waited for any longer. */
export const ORDER_PATIENCE_MS = 3 * SECOND;

export function isClosed({ until }: Pick<WarmWorker, "until">): boolean {
  return until === 0;
}
