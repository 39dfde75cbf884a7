import type {
  CallToolResult,
  InputRequiredResult,
  ServerContext,
} from "@modelcontextprotocol/server";
import type { Principal } from "../access/principal.ts";
import type { Scope } from "../access/scope.ts";
import type { Change } from "../changes/change-bus.ts";
import type { ToolAnnotations } from "../tool/define-tool.ts";
import type { InputKind } from "../tool/input-request.ts";
import type { OutputOf, Schema } from "../tool/schema.ts";
import type { Reports } from "./reports.ts";
import type { RequestState } from "./request-state.ts";
import type { RoundState } from "./round-state.ts";

/**
 * A tool of the protocol rather than of the platform: it asks the client for input or follows tasks,
 * so it runs beside the stream it answers on and never on a worker.
 */
export interface NativeTool<Input = never> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Schema<Input>;
  readonly annotations: ToolAnnotations;
  readonly scope: Scope;
  readonly run: (input: Input, context: NativeContext) => Promise<NativeAnswer>;
}

// biome-ignore lint/suspicious/noExplicitAny: a list of tools of different inputs has no narrower type (contravariance)
export type AnyNativeTool = NativeTool<any>;

export interface NativeContext {
  readonly principal: Principal;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** The SDK's view of the request: input responses, client capabilities, server-to-client requests. */
  readonly mcp: ServerContext;
  readonly reports: Reports;
  /** What the client can be asked for. */
  readonly declared: readonly InputKind[];
  /** Signs `requestState`; absent without a key. */
  readonly requestState?: Pick<RequestState, "mint" | "mintForJob" | "mintOnce">;
  /** Tells all who listen in the caller's tenant that something changed; absent where nobody can listen. */
  publish?(change: Change): Promise<void>;
  /** Starts the response's stream now, for work that stays silent for long. */
  openStream(): void;
  /** Told before a job is followed: from here another process could go on. */
  follows(state: RoundState): void;
}

export type NativeAnswer = CallToolResult | InputRequiredResult | Delegation;

/** The answer is that of another tool, called with these arguments. */
export interface Delegation {
  readonly delegateTo: string;
  readonly arguments: Record<string, unknown>;
}

/** Declares a native tool; the type of `run` follows from the input schema. */
export function defineNativeTool<S extends Schema>(
  tool: Omit<NativeTool<OutputOf<S>>, "input"> & { readonly input: S },
): NativeTool<OutputOf<S>> {
  return tool as NativeTool<OutputOf<S>>;
}
