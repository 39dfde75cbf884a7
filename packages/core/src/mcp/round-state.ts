import type { ServerContext } from "@modelcontextprotocol/server";
import type { Json } from "../lib/json.ts";
import type { Serving } from "./exchange.ts";

/**
 * What goes with the questions of a call and comes back with the answers, signed: enough for any
 * process to go on where this one stopped.
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
}

/** The state this request brought, empty for none. What can't be checked here counts as none. */
export function readRound({ requestStates }: Serving, ctx: ServerContext): RoundState {
  return toRoundState(requestStates && ctx.mcpReq.requestState<unknown>());
}

/** A verified state may also be one that a native tool made for itself. */
export function toRoundState(verified: unknown): RoundState {
  return Object(verified) as RoundState;
}
