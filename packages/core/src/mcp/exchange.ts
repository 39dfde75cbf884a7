import type { RequestStateCodec } from "@modelcontextprotocol/server";
import type { Principal } from "../access/principal.ts";
import type { ChangeBus } from "../changes/change-bus.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Era, McpCall, McpLimits, McpPorts, ServerPorts } from "./ports.ts";

/** A server's ports with all that is made of them once a process. */
export interface Serving {
  readonly ports: ServerPorts;
  readonly limits: McpLimits;
  readonly catalogue: Catalogue;
  readonly requestState?: RequestStateCodec;
  /** Absent where there is one process and one client. */
  readonly changes?: ChangeBus;
  readonly report: (error: unknown) => void;
}

/** The same for the HTTP endpoint. */
export interface Served extends Serving {
  readonly ports: McpPorts;
  readonly changes: ChangeBus;
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
