import type { JobId } from "./job.ts";

/** Starts a worker for a job: ECS RunTask. */
export interface WorkerLauncher {
  /** Repeatable: the same token starts one worker only (RunTask's clientToken). */
  launch(order: LaunchOrder): Promise<LaunchResult>;
}

export interface LaunchOrder {
  readonly tenant: string;
  readonly id: JobId;
  /** At most 62 characters of `[A-Za-z0-9_-]`; see `toLaunchToken`. */
  readonly token: string;
  /** CPU units (1024 = 1 vCPU), MiB and GiB; absent: the task definition's. */
  readonly cpu?: number;
  readonly memoryMb?: number;
  readonly diskGb?: number;
}

export type LaunchResult =
  | {
      readonly kind: "launched";
      readonly taskArn: string;
      /** A worker that is there already claims so soon, or never; absent: it has to start first. */
      readonly claimsWithinMs?: number;
    }
  /** No capacity or throttled: the job stays queued, try again later. */
  | { readonly kind: "later"; readonly reason: string };
