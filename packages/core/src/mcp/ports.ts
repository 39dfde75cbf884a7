import type { McpServer } from "@modelcontextprotocol/server";
import type { Principal } from "../access/principal.ts";
import type { CallService } from "../burst/call-service.ts";
import { MIB } from "../lib/bytes.ts";
import type { Clock } from "../lib/clock.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../lib/duration.ts";
import type { EventLog } from "../log/event-log.ts";
import type { TailPace } from "../log/tail.ts";
import type { SessionStore } from "../session/session-store.ts";
import type { ToolRegistry } from "../tool/registry.ts";
import type { AnyNativeTool } from "./native-tool.ts";

/** What a server stands on, whatever carries its messages. */
export interface ServerPorts {
  readonly registry: ToolRegistry;
  /** Tools that speak the protocol themselves, listed beside the registry's. */
  readonly nativeTools?: readonly AnyNativeTool[];
  readonly calls: CallService;
  readonly clock: Clock;
  readonly serverInfo: ServerInfo;
  /** Told to every client at its start: what this server is good for. */
  readonly instructions?: string;
  /** At least 32 bytes, the same in every process: signs the `requestState` of tools that ask for input. */
  readonly requestStateKey?: Uint8Array;
  /** Adds prompts, resources and other handlers to each server before it is connected. */
  readonly extend?: (server: McpServer, context: ExtendContext) => void;
  readonly limits?: Partial<McpLimits>;
  /** Told of failures whose details must not reach a client. */
  readonly report?: (error: unknown) => void;
}

/** What the MCP endpoint stands on. */
export interface McpPorts extends ServerPorts {
  readonly sessions: SessionStore;
  readonly log: EventLog;
  /** How often the log is read for answers, cancellations and broken streams; absent: the usual. */
  readonly pace?: TailPace;
  /** Where the protected resource metadata (RFC 9728) is; stands in challenges. */
  readonly resourceMetadataUrl: string;
  /** `Origin` values let in (scheme://host[:port]); requests without the header are no browser's and pass. */
  readonly allowedOrigins: readonly string[];
}

export interface ServerInfo {
  readonly name: string;
  readonly version: string;
  readonly title?: string;
}

export interface ExtendContext {
  readonly era: Era;
  readonly principal: Principal;
}

/** `modern`: revision 2026-07-28, stateless. `legacy`: the revisions with sessions before it. */
export type Era = "modern" | "legacy";

/** One HTTP request's own facts. */
export interface McpCall {
  readonly principal: Principal;
  /** Milliseconds since the epoch at which the answer must have ended. */
  readonly deadline: number;
  /**
   * Takes work that goes on after the response has ended (its client left, or was told to come
   * back): the host keeps the process running until it is done.
   */
  readonly waitUntil?: (work: Promise<void>) => void;
}

export interface McpEndpoint {
  /** Answers one request to the MCP URL. Never throws: failures are answers too. */
  handle(request: Request, call: McpCall): Promise<Response>;
}

/** Times in milliseconds. */
export interface McpLimits {
  readonly bodyBytes: number;
  /** Between comments on a quiet stream; gateways cut streams that stay silent (API Gateway: 5 minutes). */
  readonly keepAliveMs: number;
  /** Tools and streams end this long before the deadline. */
  readonly streamMarginMs: number;
  /** How long a call is followed for a client that gave no progress token; MCP SDKs give up after 60 s of silence. */
  readonly patienceMs: number;
  /** How long a `subscriptions/listen` stream is held: it pins a Lambda, whether its client is still there or not. */
  readonly listenMs: number;
  /** How long a session's standalone stream is held; 0: none is offered (405). Nothing is sent there yet. */
  readonly legacyStreamMs: number;
  readonly sessionTtlMs: number;
  /** How long a broken stream can be resumed. */
  readonly resumeMs: number;
}

export const DEFAULT_LIMITS: McpLimits = {
  bodyBytes: 4 * MIB,
  keepAliveMs: 15 * SECOND,
  streamMarginMs: 5 * SECOND,
  patienceMs: 50 * SECOND,
  listenMs: 4 * MINUTE,
  legacyStreamMs: 0,
  sessionTtlMs: DAY,
  resumeMs: HOUR,
};
