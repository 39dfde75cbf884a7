import {
  CLIENT_CAPABILITIES_META_KEY,
  PROTOCOL_VERSION_META_KEY,
  preloadSchemas,
} from "@modelcontextprotocol/server";
import type { Clock } from "../lib/clock.ts";
import { MINUTE } from "../lib/duration.ts";
import type { McpEndpoint } from "./ports.ts";

/**
 * Sends a request through the endpoint that touches no store and no tool, so that what the runtime
 * loads and compiles on first use (Fetch API, protocol schemas) is there before the first caller is.
 * For a host's init phase: `await warmUp(endpoint, clock)` at module scope.
 */
export async function warmUp(endpoint: McpEndpoint, clock: Clock): Promise<void> {
  // Those of both eras.
  preloadSchemas();
  const method = "tools/call";
  const name = "none";
  const version = "2026-07-28";
  const _meta = { [PROTOCOL_VERSION_META_KEY]: version, [CLIENT_CAPABILITIES_META_KEY]: {} };
  const request = new Request("https://localhost/mcp", {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": version,
      "Mcp-Method": method,
      "Mcp-Name": name,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 0, method, params: { name, _meta } }),
  });
  const deadline = clock.now() + MINUTE;
  const answer = await endpoint.handle(request, { principal: NOBODY, deadline });
  await answer.text();
}

const NOBODY = {
  tenant: "none",
  subject: "none",
  username: "none",
  clientId: "none",
  issuer: "none",
  scopes: new Set<never>(),
  expiresAt: 0,
};
