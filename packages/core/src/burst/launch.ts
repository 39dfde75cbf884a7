import type { Clock } from "../lib/clock.ts";
import { MINUTE } from "../lib/duration.ts";
import type { Job } from "./job.ts";
import type { JobStore } from "./job-store.ts";
import type { LaunchResult, WorkerLauncher } from "./launcher.ts";

/** How long a worker that is started may take to claim before another one is. */
const CLAIM_PATIENCE_MS = 2 * MINUTE;

/**
 * Names a launch: one worker per attempt, and a further one whenever the job has waited in the queue
 * for another two minutes, because the first may have died before it claimed anything.
 */
export function toLaunchToken(
  job: Pick<Job, "id" | "attempts" | "updatedAt">,
  now: number,
): string {
  const window = Math.floor(Math.max(0, now - job.updatedAt) / CLAIM_PATIENCE_MS);
  return `${job.id}-${job.attempts + 1}-${window}`;
}

/** Whether the queued job has a worker that may still be on its way to it. */
export function isUnderWay({ awaitedUntil }: Pick<Job, "awaitedUntil">, now: number): boolean {
  return awaitedUntil !== undefined && now < awaitedUntil;
}

/** Asks for a worker for a queued job, and remembers that one comes. Repeatable: see the token. */
export async function launchWorker(
  ports: {
    readonly jobs: Pick<JobStore, "noteLaunch">;
    readonly launcher: WorkerLauncher;
    readonly clock: Clock;
  },
  job: Job,
): Promise<LaunchResult> {
  const { tenant } = job.principal;
  const now = ports.clock.now();
  const token = toLaunchToken(job, now);
  const result = await ports.launcher.launch({ tenant, id: job.id, token, ...job.size });
  if (result.kind === "launched") {
    await ports.jobs.noteLaunch(job, now + (result.claimsWithinMs ?? CLAIM_PATIENCE_MS));
  }
  return result;
}
