/**
 * What pages of other origins may send and read. Any origin: tokens travel in a header, never in a
 * cookie, so a page has what its user gave it and nothing else. Which origins the MCP endpoint
 * serves is its own check.
 */
export const READABLE: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "WWW-Authenticate, Mcp-Session-Id",
};

const SENT = [
  "Authorization",
  "Content-Type",
  "Accept",
  "Last-Event-ID",
  "MCP-Protocol-Version",
  "Mcp-Session-Id",
  "Mcp-Method",
  "Mcp-Name",
];

/** Names of tools' arguments (2026-07-28, "Custom Headers from Tool Parameters"): known only when asked for. */
const PARAMETER = /^mcp-param-[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/i;

export function preflightHeaders(asked: string): Record<string, string> {
  const parameters = asked.split(",").map((name) => name.trim());
  const allowed = [...SENT, ...parameters.filter((name) => PARAMETER.test(name))];
  return {
    ...READABLE,
    "access-control-allow-methods": "GET, POST, DELETE, OPTIONS",
    "access-control-allow-headers": allowed.join(", "),
    "access-control-max-age": "7200",
  };
}
