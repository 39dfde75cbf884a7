import { PlatformError } from "../lib/error.ts";

/** Why a tool is stopped that goes on elsewhere, from its checkpoint or its start. */
export type InterruptionCause =
  /** Its machine goes away (SIGTERM). */
  | "shutdown"
  /** It waits for a person, and nobody is kept waiting with it. */
  | "parked"
  /** It outgrows the place it runs in. */
  | "moved";

/** The reason of a tool's signal when its run is broken off and another one will go on. */
export class Interruption extends PlatformError {
  override readonly name = "Interruption";
  readonly code = "interrupted";
  readonly why: InterruptionCause;
  /** Milliseconds the tool has to make a checkpoint and stop. */
  readonly graceMs: number;

  constructor(why: InterruptionCause, graceMs: number) {
    super(`The run was interrupted (${why}) and goes on elsewhere.`);
    this.why = why;
    this.graceMs = graceMs;
  }
}

/** 0 for every other way to be stopped: then nobody waits for the tool. */
export function graceOf(reason: unknown): number {
  return reason instanceof Interruption ? reason.graceMs : 0;
}
