import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { USUAL_WORKER } from "../tool/worker-size.ts";
import type { LaunchOrder, LaunchResult, WorkerLauncher } from "./launcher.ts";
import {
  isClosed,
  ORDER_AHEAD_MS,
  ORDER_PATIENCE_MS,
  type WarmWorker,
  type WarmWorkers,
} from "./warm-workers.ts";

export interface WarmFirstOptions {
  readonly warm: WarmWorkers;
  /** Who launches when no warm worker takes the job. */
  readonly cold: WorkerLauncher;
  readonly clock: Pick<Clock, "now">;
  readonly logger: Pick<Logger, "error">;
  /** `family:revision` or the ARN that ends in it: what a cold worker would be. */
  readonly taskDefinition: string;
}

/**
 * Gives a job to a worker of the same tenant that waits for one, else launches another. It costs one
 * read where none waits. A launch is for a job that nobody has claimed: one that was ordered a moment
 * ago is under way, one whose order has not been claimed in time is launched anew. Should the first
 * worker wake up after all, the claim lets only one of them have the job.
 */
export class WarmFirstLauncher implements WorkerLauncher {
  readonly #options: WarmFirstOptions;

  constructor(options: WarmFirstOptions) {
    this.#options = options;
  }

  async launch(order: LaunchOrder): Promise<LaunchResult> {
    const warm = await this.#orderWarm(order);
    if (warm !== undefined) {
      return { kind: "launched", taskArn: warm, claimsWithinMs: ORDER_PATIENCE_MS };
    }
    return this.#options.cold.launch(order);
  }

  /** The worker that has the order. A failure here is no reason to launch nobody: it is recorded. */
  async #orderWarm(order: LaunchOrder): Promise<string | undefined> {
    const { warm, clock, logger, taskDefinition } = this.#options;
    try {
      const orderedAt = clock.now();
      const workers = await warm.list(order.tenant);
      const underway = workers.find((each) => isUnderway(each, order, orderedAt));
      if (underway) return underway.worker;
      for (const { worker } of candidates(workers, order, orderedAt, taskDefinition)) {
        if (await warm.order(order.tenant, worker, { job: order.id, orderedAt })) return worker;
      }
    } catch (cause) {
      logger.error("no warm worker could be asked", cause, { job: order.id });
    }
    return undefined;
  }
}

function isUnderway(worker: WarmWorker, { id }: LaunchOrder, now: number): boolean {
  const { order } = worker;
  if (isClosed(worker) || order?.job !== id) return false;
  return now - order.orderedAt < ORDER_PATIENCE_MS;
}

/**
 * Those that wait, are of this release and large enough; who waits longest first, so that launchers
 * that choose at the same moment choose the same one.
 */
export function candidates(
  workers: readonly WarmWorker[],
  order: Pick<LaunchOrder, "cpu" | "memoryMb" | "diskGb">,
  now: number,
  taskDefinition: string,
): readonly WarmWorker[] {
  const release = taskDefinition.slice(taskDefinition.lastIndexOf("/") + 1);
  const { cpu = USUAL_WORKER.cpu, memoryMb = USUAL_WORKER.memoryMb, diskGb = 0 } = order;
  // What a worker's disk has it is not told.
  if (diskGb > USUAL_WORKER.diskGb) return [];
  return workers
    .filter((each) => each.order === undefined && each.until > now + ORDER_AHEAD_MS)
    .filter((each) => each.taskDefinition === release)
    .filter((each) => each.cpu >= cpu && each.memoryMb >= memoryMb)
    .sort((a, b) => b.until - a.until || (a.worker < b.worker ? -1 : 1));
}
