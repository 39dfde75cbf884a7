import { type Scope, toOAuthScope } from "@zenode/core";
import { preflightHeaders, READABLE } from "./cors.ts";

export interface MetadataSettings {
  readonly publicUrl: string;
  readonly issuer: string;
}

export interface DocumentRequest {
  readonly method: string;
  readonly path: string;
  /** A preflight's `Access-Control-Request-Headers`. */
  readonly askedHeaders?: string | undefined;
}

/**
 * What a client is to ask for. Clients ask for all that is named here (Claude Code does), and Cognito refuses
 * the whole sign-in for one scope that the app client may not have; more is named by a 403 when it is needed.
 */
const USUAL_SCOPES: readonly Scope[] = ["read", "write"];

interface PlainResult {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Where RFC 9728 clients look: the path form of `/mcp` first, then the root form. */
const RESOURCE_PATHS = new Set([
  "/.well-known/oauth-protected-resource/mcp",
  "/.well-known/oauth-protected-resource",
]);

/** Protected resource metadata (RFC 9728) and CORS preflights; 404 for every other document. */
export function answerMetadata(
  { method, path, askedHeaders = "" }: DocumentRequest,
  settings: MetadataSettings,
): PlainResult {
  if (method === "OPTIONS") {
    return { statusCode: 204, headers: preflightHeaders(askedHeaders), body: "" };
  }
  if (!RESOURCE_PATHS.has(path))
    return json(404, { error: "not_found", message: "There is no such document." });
  return json(200, {
    resource: `${settings.publicUrl}/mcp`,
    authorization_servers: [settings.issuer],
    scopes_supported: USUAL_SCOPES.map(toOAuthScope),
    bearer_methods_supported: ["header"],
    resource_name: "zenode",
  });
}

function json(statusCode: number, body: unknown): PlainResult {
  const headers = {
    ...READABLE,
    "content-type": "application/json",
    "cache-control": "public, max-age=300",
  };
  return { statusCode, headers, body: JSON.stringify(body) };
}
