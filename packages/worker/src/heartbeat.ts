import {
  type Clock,
  type JobInput,
  type JobStore,
  type Lease,
  type Logger,
  SECOND,
} from "@zenode/core";
import type { JobAsks } from "./job-asks.ts";

/** How long a claim holds without a sign of life; a dead worker's job waits this long at most. */
export const LEASE_MS = 15 * SECOND;
/** How often a worker renews its lease and learns of a cancellation. */
const BEAT_MS = 1000;
/** The same while its tool waits for an answer, which comes this way too. */
const ASKING_BEAT_MS = 400;

export type Ending = "cancelled" | "lease-lost";

export interface Heartbeat {
  /** Aborts with an `Ending` as its reason. */
  readonly signal: AbortSignal;
  stop(): Promise<void>;
}

/** Who is told of answers. */
export type AnswerTaker = Pick<JobAsks, "isWaiting" | "take">;

export interface HeartbeatPorts {
  readonly jobs: JobStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Renews a lease until it is stopped, lost, or the job is to be cancelled. A failed write is tried again until the lease is over. */
export function startHeartbeat(ports: HeartbeatPorts, lease: Lease, asks: AnswerTaker): Heartbeat {
  const { clock } = ports;
  const ending = new AbortController();
  const stopped = new AbortController();
  const loop = async () => {
    let leaseUntil = clock.now() + LEASE_MS;
    while (!stopped.signal.aborted && !ending.signal.aborted) {
      await clock.sleep(pause(asks), stopped.signal);
      if (stopped.signal.aborted) return;
      const renewed = await beat(ports, lease, leaseUntil);
      asks.take(renewed.inputs ?? []);
      if (renewed.ending) ending.abort(renewed.ending);
      leaseUntil = renewed.leaseUntil;
    }
  };
  const running = loop();
  return {
    signal: ending.signal,
    stop: async () => {
      stopped.abort();
      await running;
    },
  };
}

function pause({ isWaiting }: AnswerTaker): number {
  return isWaiting ? ASKING_BEAT_MS : BEAT_MS;
}

async function beat(
  { jobs, clock, logger }: HeartbeatPorts,
  lease: Lease,
  leaseUntil: number,
): Promise<{ ending?: Ending; inputs?: readonly JobInput[]; leaseUntil: number }> {
  const now = clock.now();
  try {
    const answer = await jobs.heartbeat(lease, now + LEASE_MS, now);
    if (!answer) return { ending: "lease-lost", leaseUntil };
    const { cancelRequested, inputs } = answer;
    return { ...(cancelRequested && { ending: "cancelled" }), inputs, leaseUntil: now + LEASE_MS };
  } catch (cause) {
    // The store can't be reached: the lease still holds for its rest, after that somebody else may claim.
    if (now >= leaseUntil) return { ending: "lease-lost", leaseUntil };
    logger.error("heartbeat failed", cause, { job: lease.id });
    return { leaseUntil };
  }
}
