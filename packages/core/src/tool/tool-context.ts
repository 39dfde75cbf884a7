import type { Principal } from "../access/principal.ts";
import type { Clock } from "../lib/clock.ts";
import type { Json } from "../lib/json.ts";
import type { Transfers } from "../transfer/transfers.ts";
import type { Projects } from "../workspace/projects.ts";
import type { Children } from "./children.ts";
import type { CallProcess, Command } from "./command.ts";
import type { Importer } from "./importer.ts";
import type { InputAnswer, InputRequest } from "./input-request.ts";
import type { Sandbox } from "./sandbox.ts";

export type LogLevel =
  | "debug"
  | "info"
  | "notice"
  | "warning"
  | "error"
  | "critical"
  | "alert"
  | "emergency";

/** What a running tool may use. Nothing else reaches it: no environment, no clients, no globals. */
export interface ToolContext {
  readonly principal: Principal;
  /** The tenant's projects: snapshots of files. */
  readonly projects: Projects;
  /** What the user brings and takes past the server. Absent: this server has no place for it. */
  readonly transfers?: Transfers;
  readonly clock: Clock;
  /**
   * Aborts when the call is cancelled or its time is over; with an `Interruption` as its reason when the
   * run is broken off to go on elsewhere, after `reason.graceMs`: time for a checkpoint.
   */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch at which the call must have ended; later by what answers took. */
  readonly deadline: number;
  /** The newest checkpoint of an earlier run of this call, which was interrupted or lost its machine. */
  readonly resumed?: Json;
  /** Present on a worker only: local disk and processes. */
  readonly computer?: Computer;
  /** Present on a worker only: calls of other tools, on workers of their own. */
  readonly children?: Children;
  /** Tells the caller how far the work is. `progress` only grows; `total` is in the same unit. */
  progress(progress: number, total?: number, message?: string): void;
  /** A log message to the caller, where it asked for that level. */
  log(level: LogLevel, data: Json): void;
  /**
   * Asks the caller's client, and through it the user or the model. Requests made in the same turn are
   * put to it together. The time for an answer is not the tool's: in Lambda the run is broken off at
   * once, on a worker when nobody has answered for a while (the job is parked), and made again when
   * the answers are there, from the newest checkpoint, in Lambda from its start. So what it does
   * between that and the question must be harmless to repeat, and it must ask the same again in the
   * same order: then it gets the same answers.
   * @throws RefusedError `cannot_ask` (the client can't do that), `declined` (the user said no);
   *   Interruption when the run is broken off while it waits.
   */
  ask<Request extends InputRequest>(request: Request): Promise<InputAnswer<Request>>;
  /**
   * Keeps what the run has come to, at most 64 KiB as JSON: a later run of this call gets it as
   * `resumed`, and asks none of the questions again that were answered before it. Durable when it
   * resolves, where a call can go on elsewhere. One at a time; each replaces the one before.
   * @throws RefusedError `too_large`; FencedError when the call is another worker's by now.
   */
  checkpoint(state: Json): Promise<void>;
}

/** A worker's local machine, as far as a tool may use it. */
export interface Computer {
  /** Brings a project's snapshot to local disk, once a call; returns the folder. */
  checkout(project: string): Promise<Checkout>;
  /** Absolute path of the ripgrep executable. */
  readonly ripgrep: string;
  /**
   * Starts a process, which ends with the call at the latest: when the call has ended, however it did,
   * nothing of what it started is left. @throws Error once the call has ended.
   */
  start(command: Command): CallProcess;
  /** Present where programs may run that are not our own. */
  readonly sandbox?: Sandbox;
  /** Present where files from elsewhere may be brought in. */
  readonly importer?: Importer;
}

export interface Checkout {
  readonly folder: string;
  readonly snapshot: number;
  /**
   * Absolute path of a file in gitignore's format that names what lies in the folder and is not the
   * project's. Absent: nothing else lies there.
   */
  readonly ignoreFile?: string;
}
