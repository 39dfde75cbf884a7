/** Any page may ask: whoever has a code or a token has it with or without a page. Never kept (RFC 6749 section 5.1). */
const HEADERS = { "cache-control": "no-store", "access-control-allow-origin": "*" };

/** Clients in pages of other origins send headers of their own, which browsers ask about first. */
export function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, POST",
      "access-control-allow-headers": "Content-Type, MCP-Protocol-Version",
      "access-control-max-age": "7200",
    },
  });
}

export function json(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Response {
  return Response.json(body, { status, headers: { ...HEADERS, ...headers } });
}
