import type { RequestStateCodec } from "@modelcontextprotocol/server";
import type { Principal } from "../access/principal.ts";
import type { ChangeBus } from "../changes/change-bus.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Era, McpCall, McpLimits, McpPorts } from "./ports.ts";

/** An endpoint's ports with all that is made of them once a process. */
export interface Served {
  readonly ports: McpPorts;
  readonly limits: McpLimits;
  readonly catalogue: Catalogue;
  readonly requestState?: RequestStateCodec;
  readonly changes: ChangeBus;
  readonly report: (error: unknown) => void;
}

/** One request's handlers' view of the leg it came in on. */
export interface Exchange {
  readonly era: Era;
  readonly principal: Principal;
  /** Milliseconds since the epoch at which handlers must have answered. */
  readonly deadline: number;
  /** Starts the response's stream now, so that comments keep it alive while nothing is said. */
  openStream(): void;
  /** Told when the answer is a task handle. */
  handedOut(): void;
}

/** A little before the host's own, so that the answer still gets out. */
export function toDeadline({ limits }: Served, { deadline }: McpCall): number {
  return deadline - limits.streamMarginMs;
}
