import { type Scope, toOAuthScope } from "@zenode/core";

export interface MetadataSettings {
  readonly publicUrl: string;
  readonly issuer: string;
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

/** Headers that browser clients may send and read (PROTOCOL duties of the resource server). */
export const CORS_HEADERS: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, POST, DELETE, OPTIONS",
  "access-control-allow-headers":
    "Authorization, Content-Type, Accept, Last-Event-ID, MCP-Protocol-Version, Mcp-Session-Id, Mcp-Method, Mcp-Name",
  "access-control-expose-headers": "WWW-Authenticate, Mcp-Session-Id",
  "access-control-max-age": "7200",
};

/** Where RFC 9728 clients look: the path form of `/mcp` first, then the root form. */
const RESOURCE_PATHS = new Set([
  "/.well-known/oauth-protected-resource/mcp",
  "/.well-known/oauth-protected-resource",
]);

/** Protected resource metadata (RFC 9728) and CORS preflights; 404 for every other document. */
export function answerMetadata(
  method: string,
  path: string,
  settings: MetadataSettings,
): PlainResult {
  if (method === "OPTIONS") return { statusCode: 204, headers: { ...CORS_HEADERS }, body: "" };
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
    ...CORS_HEADERS,
    "content-type": "application/json",
    "cache-control": "public, max-age=300",
  };
  return { statusCode, headers, body: JSON.stringify(body) };
}
