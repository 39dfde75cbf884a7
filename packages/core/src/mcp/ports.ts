import type { Principal } from "../access/principal.ts";
import type { CallService } from "../burst/call-service.ts";
import { MIB } from "../lib/bytes.ts";
import type { Clock } from "../lib/clock.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../lib/duration.ts";
import type { EventLog } from "../log/event-log.ts";
import type { TailPace } from "../log/tail.ts";
import type { AnyPrompt } from "../prompt/define-prompt.ts";
import type { ResourceSource } from "../resource/resource-source.ts";
import type { SessionStore } from "../session/session-store.ts";
import type { ToolRegistry } from "../tool/registry.ts";
import type { Projects } from "../workspace/projects.ts";
import type { NativePrompt } from "./native-prompt.ts";
import type { AnyNativeTool } from "./native-tool.ts";

/** What a server stands on, whatever carries its messages. */
export interface ServerPorts {
  readonly registry: ToolRegistry;
  /** Tools that speak the protocol themselves, listed beside the registry's. */
  readonly nativeTools?: readonly AnyNativeTool[];
  readonly prompts?: readonly AnyPrompt[];
  /** Prompts that speak the protocol themselves. */
  readonly nativePrompts?: readonly NativePrompt[];
  /** Where resources come from, in the order they are listed in. */
  readonly resources?: readonly ResourceSource[];
  readonly calls: CallService;
  /** A principal's projects, for resources and prompts. */
  readonly projects: (principal: Principal) => Projects;
  readonly clock: Clock;
  readonly serverInfo: ServerInfo;
  /** Told to every client at its start: what this server is good for. */
  readonly instructions?: string;
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
  /**
   * The same in every process, newest first, at least 32 bytes each: the first signs the
   * `requestState` of tools that ask for input, all are taken.
   */
  readonly requestStateKeys?: readonly Uint8Array[];
  /** `Origin` values let in (scheme://host[:port]); requests without the header are no browser's and pass. */
  readonly allowedOrigins: readonly string[];
}

export interface ServerInfo {
  readonly name: string;
  readonly version: string;
  readonly title?: string;
}

/** `modern`: revision 2026-07-28, stateless. `legacy`: the revisions with sessions before it. */
export type Era = "modern" | "legacy";

/** Where clients of the HTTP+SSE transport (2024-11-05) listen and where they post. */
export const SSE_PATHS = { stream: "/sse", messages: "/messages" } as const;

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
  /**
   * Answers one request to the MCP URL, or to one of the two of the HTTP+SSE transport
   * (`SSE_PATHS`). Never throws: failures are answers too.
   */
  handle(request: Request, call: McpCall): Promise<Response>;
}

/** Times in milliseconds. */
export interface McpLimits {
  readonly bodyBytes: number;
  /** Resources in one answer. */
  readonly pageSize: number;
  /** Between comments on a quiet stream; gateways cut streams that stay silent (API Gateway: 5 minutes). */
  readonly keepAliveMs: number;
  /** Tools and streams end this long before the deadline. */
  readonly streamMarginMs: number;
  /** How long a call is followed for a client that gave no progress token; MCP SDKs give up after 60 s of silence. */
  readonly patienceMs: number;
  /** How long a `subscriptions/listen` stream is held: it pins a Lambda, whether its client is still there or not. */
  readonly listenMs: number;
  /** How long a session's own stream is held while it has something to watch for. */
  readonly ownStreamMs: number;
  /** How soon a client comes back to its own stream that has nothing to watch for: it is not held at all. */
  readonly ownRetryMs: number;
  /** Between looks at what a session's own stream watches. */
  readonly watchMs: number;
  /** How long a process waits for a person before another one is left to go on. */
  readonly parkAfterMs: number;
  readonly sessionTtlMs: number;
  /** How long a broken stream can be resumed. */
  readonly resumeMs: number;
}

export const DEFAULT_LIMITS: McpLimits = {
  bodyBytes: 4 * MIB,
  pageSize: 500,
  keepAliveMs: 15 * SECOND,
  streamMarginMs: 5 * SECOND,
  patienceMs: 50 * SECOND,
  listenMs: 4 * MINUTE,
  ownStreamMs: 30 * SECOND,
  ownRetryMs: 30 * SECOND,
  watchMs: SECOND,
  parkAfterMs: 10 * SECOND,
  sessionTtlMs: DAY,
  resumeMs: HOUR,
};
