import type { BoundedPareto } from "./random.ts";

/**
 * What tenants do, and how the deployment is set. None of it is measured, for nobody uses zenode yet:
 * they are the assumptions a reader changes first. Rates are those of the average tenant and day.
 */
export interface Mix {
  readonly tenants: number;
  /** Busiest moment of the day, in averages. */
  readonly peak: number;
  /** How unequal tenants are: weights are Pareto with this exponent, the greatest 1000 times the least. */
  readonly tenantTail: number;

  /** Calls answered in Lambda outside of sessions. */
  readonly quickCalls: number;
  /** Of them: whoami and the like, which read nothing; the others read a project. */
  readonly plainShare: number;
  /** Of the reading calls: searches. */
  readonly searchShare: number;
  /** Of all calls: those that a new process answers. */
  readonly coldShare: number;

  /** Sessions of the older revisions, the calls in one, and how long a client keeps one open. */
  readonly sessions: number;
  readonly sessionCalls: number;
  readonly sessionMinutes: number;
  /** Of them: those that subscribed to a resource, whose own stream is held; the others look in. */
  readonly subscribedShare: number;

  /** Clients that hold `subscriptions/listen`, and how long. */
  readonly listens: number;
  readonly listenMinutes: number;

  /** Calls that go to a worker; so many come one after the other, so many seconds apart on the average. */
  readonly workerCalls: number;
  readonly together: number;
  readonly apartSeconds: number;
  /** The jobs each makes, and their seconds of work. */
  readonly fanOut: number;
  readonly jobSeconds: BoundedPareto;
  /** Of them: those whose client holds a stream; the others declared tasks and ask `tasks/get`. */
  readonly streamedShare: number;

  readonly pushes: number;
  readonly repeatedPushes: number;

  /** Kilobytes of an answer, and of what is logged for a request. */
  readonly answerKb: number;
  readonly logKb: number;
  /** Megabytes of a tenant's packs, and of its items. */
  readonly packMb: number;
  readonly itemMb: number;
}

export const DEFAULT_MIX: Mix = {
  tenants: 10_000,
  peak: 2.5,
  tenantTail: 1.3,
  quickCalls: 60,
  plainShare: 0.1,
  searchShare: 0.15,
  coldShare: 0.02,
  sessions: 1,
  sessionCalls: 15,
  sessionMinutes: 30,
  subscribedShare: 0.1,
  listens: 0.5,
  listenMinutes: 40,
  workerCalls: 2,
  together: 4,
  apartSeconds: 120,
  fanOut: 1,
  jobSeconds: { low: 15, high: 3600, alpha: 1.1 },
  streamedShare: 0.5,
  pushes: 2,
  repeatedPushes: 3,
  answerKb: 4,
  logKb: 1.5,
  packMb: 50,
  itemMb: 0.5,
};

/** How workers are run: what a deployment can choose, and what Fargate does. */
export interface FleetSettings {
  /** Jobs of one tenant that have a worker at the same time. */
  readonly slots: number;
  /** A worker stays for its tenant's next job to the end of its paid minute, or for this long if longer. */
  readonly lingerSeconds: number;
  /** False: a worker ends with its job. */
  readonly warm: boolean;
  /** Of the launches: those for which Spot has a place. */
  readonly spotShare: number;
  /** Of a Spot worker, an hour. Each makes the job begin anew, or at its last checkpoint. */
  readonly interruptionsPerHour: number;
  /** 0: a job has no checkpoints. */
  readonly checkpointSeconds: number;
  /** A refused launch is tried again so much later; 0: the moment there is a place. */
  readonly retrySeconds: number;
  /** From RunTask to the worker's first line, evenly between the two. */
  readonly startSeconds: readonly [number, number];
  /** Of the start: from the pull of the image on it is paid. */
  readonly paidStartShare: number;
  readonly warmStartSeconds: number;
  readonly vcpu: number;
  readonly memoryGb: number;
  readonly diskGb: number;
}

export const DEFAULT_FLEET: FleetSettings = {
  slots: 5,
  lingerSeconds: 0,
  warm: true,
  spotShare: 1,
  interruptionsPerHour: 0.05,
  checkpointSeconds: 0,
  retrySeconds: 5,
  startSeconds: [45, 90],
  paidStartShare: 0.5,
  warmStartSeconds: 1,
  vcpu: 1,
  memoryGb: 2,
  diskGb: 30,
};

/** Of the mcp function (docs/design/mcp.md). */
export interface StreamSettings {
  readonly listenMs: number;
  readonly ownStreamMs: number;
  /** How long a client without subscriptions is told to stay away. */
  readonly ownRetryMs: number;
  readonly memoryGb: number;
}
