import type { ServerContext } from "@modelcontextprotocol/server";
import type { Json } from "../lib/json.ts";

/**
 * What goes with the questions of a call and comes back with the answers, signed: enough for any
 * process to go on where this one stopped. In a session it also stands in the log of the call's stream,
 * for the process that takes the stream over (legacy/take-over.ts).
 */
export interface RoundState {
  /** Of a job: its id, and the last of its events that was passed on. */
  readonly task?: string;
  readonly after?: number;
  /** Of a tool that runs here: the call, as `toCallKey` names it, and the answers it has had. */
  readonly call?: string;
  readonly answers?: Readonly<Record<string, Json>>;
  /** The highest progress told so far: in a session it is still one request, and progress only grows. */
  readonly told?: number;
  /** Since when the job has been followed for this request, milliseconds since the epoch; absent: since now. */
  readonly begun?: number;
}

/** The state this request brought, empty for none. */
export function readRound(ctx: ServerContext): RoundState {
  return toRoundState(ctx.mcpReq.requestState<unknown>());
}

/** A verified state may also be one that a native tool made for itself; a text that nobody verified is none. */
export function toRoundState(state: unknown): RoundState {
  return typeof state === "object" && state !== null ? state : {};
}
