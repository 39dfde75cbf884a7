import type { Principal } from "../access/principal.ts";
import type { Clock } from "../lib/clock.ts";
import type { Json } from "../lib/json.ts";
import type { Projects } from "../workspace/projects.ts";
import type { Children } from "./children.ts";
import type { InputAnswer, InputRequest } from "./input-request.ts";

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
  readonly clock: Clock;
  /** Aborts when the call is cancelled, its time is over or its machine goes away. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch at which the call must have ended. */
  readonly deadline: number;
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
   * put to it together. The time for an answer counts as the tool's own. Where a call runs in Lambda
   * for a client of revision 2026-07-28, the tool is run again from its start for each answer, so what
   * it does before it asks must be harmless to repeat, and it must ask the same again.
   * @throws RefusedError `cannot_ask` (the client can't do that), `declined` (the user said no, or
   *   nobody answered in time).
   */
  ask<Request extends InputRequest>(request: Request): Promise<InputAnswer<Request>>;
}

/** A worker's local machine, as far as a tool may use it. */
export interface Computer {
  /** Brings a project's snapshot to local disk, once a call; returns the folder. */
  checkout(project: string): Promise<Checkout>;
  /** Absolute path of the ripgrep executable. */
  readonly ripgrep: string;
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
