import {
  type CallToolResult,
  type JSONRPCMessage,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
} from "@modelcontextprotocol/server";
import { type Scope, toOAuthScope } from "../access/scope.ts";
import type { JobOutcome } from "../burst/job.ts";
import { RefusedError, UnavailableError } from "../lib/error.ts";
import { TASKS_EXTENSION } from "./tasks-extension.ts";

type RequestId = string | number;

/** A whole HTTP answer that is a JSON-RPC error. `id` null: no single request could be read. */
export function rejection(
  status: number,
  error: { readonly code: number; readonly message: string },
  options: { readonly id?: RequestId | undefined; readonly headers?: Record<string, string> } = {},
): Response {
  const body = { jsonrpc: "2.0", error, id: options.id ?? null };
  return Response.json(body, { status, ...(options.headers && { headers: options.headers }) });
}

/** Server error of JSON-RPC's own range, as the MCP SDKs use it for transport refusals. */
export const TRANSPORT_ERROR = -32000;

/** The answer to what nobody foresaw: details go to the operator, never to the client. */
export function failureResponse(error: unknown, id?: RequestId): Response {
  if (error instanceof UnavailableError) {
    return rejection(503, UNAVAILABLE, { id, headers: { "Retry-After": "1" } });
  }
  return rejection(500, INTERNAL, { id });
}

const INTERNAL = { code: ProtocolErrorCode.InternalError, message: "Internal error" } as const;
const UNAVAILABLE = {
  code: ProtocolErrorCode.InternalError,
  message: "The server can't do this at the moment; the same call may work in a few seconds.",
} as const;

/**
 * HTTP 403 for a token without the scope an operation needs (RFC 6750 section 3.1; MCP 2026-07-28,
 * authorization, "Insufficient scope"). The challenge names all that is needed.
 */
export function insufficientScope(scope: Scope, resourceMetadataUrl: string): Response {
  return scopeChallenge(toOAuthScope(scope), resourceMetadataUrl);
}

/** As `insufficientScope`, for scopes as they stand in tokens, with spaces between them. */
export function scopeChallenge(needed: string, resourceMetadataUrl: string): Response {
  const description = `This needs the scope ${needed}.`;
  const challenge = [
    'Bearer error="insufficient_scope"',
    `error_description="${description}"`,
    `scope="${needed}"`,
    `resource_metadata="${resourceMetadataUrl}"`,
  ].join(", ");
  const body = { error: "insufficient_scope", error_description: description };
  return Response.json(body, { status: 403, headers: { "WWW-Authenticate": challenge } });
}

/** A failure the model can mend: the text says how. */
export function toolFailure(message: string): CallToolResult {
  return { content: [{ type: "text", text: message }], isError: true };
}

/**
 * What a tools/call answers when something was thrown: a refusal is a result, the protocol's own
 * errors pass, anything else is an error without details.
 */
export function toToolAnswer(error: unknown, report: (error: unknown) => void): CallToolResult {
  if (error instanceof RefusedError) return toolFailure(error.message);
  throw toProtocolError(error, report);
}

export function toProtocolError(error: unknown, report: (error: unknown) => void): ProtocolError {
  if (error instanceof ProtocolError) return error;
  report(error);
  const shown = error instanceof UnavailableError ? UNAVAILABLE : INTERNAL;
  return new ProtocolError(shown.code, shown.message);
}

/** How a job's platform failure reads on the wire. Its message was written for the caller. */
export function toJobError(outcome: Extract<JobOutcome, { kind: "error" }>): {
  readonly code: number;
  readonly message: string;
} {
  return { code: ProtocolErrorCode.InternalError, message: outcome.message };
}

/** -32021: the operation needs the tasks extension and the request did not declare it. */
export function tasksRequired(): ProtocolError {
  return new MissingRequiredClientCapabilityError({
    requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } },
  });
}

/**
 * The SDK answers params of the wrong form with -32603 and its validator's list of issues as JSON;
 * the protocol has -32602 for them. Nothing of ours throws a text of that form.
 */
export function mendInvalidParams(message: JSONRPCMessage): JSONRPCMessage {
  if (!("error" in message) || message.error.code !== ProtocolErrorCode.InternalError)
    return message;
  const issues = ISSUES.test(message.error.message) ? toIssues(message.error.message) : undefined;
  if (!issues) return message;
  const error = { code: ProtocolErrorCode.InvalidParams, message: `Invalid params: ${issues}` };
  return { ...message, error };
}

const ISSUES = /^\[\s*\{[\s\S]*"path":/;

function toIssues(text: string): string {
  const issues = JSON.parse(text) as { path: (string | number)[]; message: string }[];
  return issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
}
