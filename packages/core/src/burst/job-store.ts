import type { Principal } from "../access/principal.ts";
import { RefusedError } from "../lib/error.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Job, JobId, JobInput, JobOutcome, JobParent, Lease } from "./job.ts";
import type { InputAnswers, InputChange } from "./job-inputs.ts";

/** Jobs of the burst tier. Every method is one conditional write (or transaction) that may be repeated; reads are strongly consistent. */
export interface JobStore {
  /**
   * Stores a queued job, durable when this returns. If the same call (`callKey`) has a job that has
   * not ended, or whose end answers it (`answersAgain`), nothing is written and that job comes back instead. At most `jobsPerTenant` jobs of a
   * tenant have not ended, exactly, whoever creates at once. @throws RefusedError `too_many_jobs`.
   */
  create(job: Job): Promise<{ readonly created: boolean; readonly job: Job }>;
  /**
   * Stores a job that has ended already: a call that ran elsewhere, whose result is asked for in parts.
   * It is nobody's to claim, and does not stand for its call. Repeatable.
   */
  keep(job: Job): Promise<void>;
  /**
   * Stores a queued child (`job.parent`) while its parent is held under this lease and not asked to
   * stop; the job that has its id already, if there is one. Undefined: the parent may start nothing more.
   * So whoever first cancels a parent and then asks for its children misses none.
   */
  createChild(job: ChildJob, parent: Lease): Promise<Job | undefined>;
  /** The ids of all children of a job, ended or not, in no order. */
  children(tenant: string, parent: JobId): Promise<readonly JobId[]>;
  /** Undefined when unknown, expired, or of another tenant: one answer for all three. */
  get(tenant: string, id: JobId): Promise<Job | undefined>;
  /** The caller's own tasks that are still kept, newest first. */
  list(owner: Pick<Principal, "tenant" | "subject">, limit: number): Promise<readonly Job[]>;
  /**
   * Sets `awaitedUntil` of a job that is still queued with as many attempts as it had; the next claim
   * or lost worker takes it away. `updatedAt` stays.
   */
  noteLaunch(job: Pick<Job, "id" | "principal" | "attempts">, awaitedUntil: number): Promise<void>;
  /**
   * Frees the place among its tenant's jobs that an ended job still holds, because whoever ended it
   * died before it could.
   */
  freeSlot(tenant: string, id: JobId): Promise<void>;
  /** `queued -> claimed`, fence + 1, attempts + 1, lease until `leaseUntil`. Undefined: somebody else has it, or it ended. */
  claim(tenant: string, id: JobId, claim: Claim): Promise<Job | undefined>;
  /**
   * A worker launched for the job is gone without having claimed it: attempts + 1 while `queued`, once
   * for each worker. Gives the job as it is then; undefined when it is no longer queued.
   */
  countLost(tenant: string, id: JobId, lost: LostWorker): Promise<Job | undefined>;
  /** `claimed -> running`. False: the lease is lost. */
  start(lease: Lease, now: number): Promise<boolean>;
  /** Moves the lease's end; tells what came for the worker. Undefined: the lease is lost. */
  heartbeat(lease: Lease, leaseUntil: number, now: number): Promise<Beat | undefined>;
  /**
   * `running <-> input_required`, by whether a request is outstanding afterwards (`changeInputs`).
   * Repeatable. False: the lease is lost. @throws RefusedError `too_large`.
   */
  ask(lease: Lease, change: InputChange, now: number): Promise<boolean>;
  /**
   * Keeps answers to outstanding requests, all of them or none, from whatever process; the last one
   * due makes the job `running` again, a parked one `queued` (`answerInputs`). Keys that are unknown or
   * answered are passed over. Gives the job as it is then; undefined: unknown.
   * @throws RefusedError `invalid_input`, `too_large`.
   */
  answer(tenant: string, id: JobId, answers: InputAnswers, now: number): Promise<Job | undefined>;
  /**
   * Keeps what the tool has come to, for a worker that may have to go on, and lets go of the requests
   * it closes. Repeatable. False: the lease is lost. @throws RefusedError `too_large`.
   */
  checkpoint(lease: Lease, checkpoint: Checkpoint, now: number): Promise<boolean>;
  /**
   * Lets go of a job that waits for answers: it stays `input_required`, its fence is raised, the lease is over.
   * Repeatable. False: nothing is due any more, or the lease is lost.
   */
  park(lease: Lease, now: number): Promise<boolean>;
  /** `claimed | running | input_required -> completed | failed | cancelled`, exactly once. False: the lease is lost. Repeatable with the same fence and state. */
  finish(lease: Lease, end: JobEnd, now: number): Promise<boolean>;
  /** What is held -> `queued`: the lease is given back, another worker may go on. False: the lease is lost. */
  release(lease: Lease, now: number): Promise<boolean>;
  /**
   * For a lease whose time is over or whose worker is known to be dead: back to `queued`, or with
   * `end` (from `queued` too, when no attempt is left) to its terminal state. False: it changed meanwhile.
   */
  expire(lease: Lease, end: JobEnd | undefined, now: number): Promise<boolean>;
  /** A queued or parked job becomes `cancelled` at once, a claimed or running one is asked to stop. Undefined: unknown. Ended jobs stay as they are; a released one keeps the request. */
  cancel(tenant: string, id: JobId, now: number): Promise<Job | undefined>;
}

export type ChildJob = Job & { readonly parent: JobParent };

/** What a heartbeat brings back. */
export interface Beat {
  readonly cancelRequested: boolean;
  readonly inputs: readonly JobInput[];
}

export interface Claim {
  /** The ARN of the claimer's ECS task. */
  readonly worker: string;
  readonly leaseUntil: number;
  readonly now: number;
}

export type LostWorker = Pick<Claim, "worker" | "now">;

export interface JobEnd {
  readonly state: "completed" | "failed" | "cancelled";
  readonly outcome: JobOutcome;
  readonly statusMessage?: string;
}

/** Jobs of one tenant that have not ended, unless it is configured otherwise. */
export const JOBS_PER_TENANT = 100;

/** The refusal of a call by a tenant whose jobs are all taken. */
export function tooManyJobs(jobsPerTenant: number): RefusedError {
  return new RefusedError(
    "too_many_jobs",
    `${jobsPerTenant} calls of this workspace wait or run already, which is as many as it may have. Wait until one has ended, or cancel one that is not needed, then call again.`,
  );
}
