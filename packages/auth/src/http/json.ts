/** Any page may ask: whoever has a code or a token has it with or without a page. Never kept (RFC 6749 section 5.1). */
const HEADERS = { "cache-control": "no-store", "access-control-allow-origin": "*" };

export function json(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Response {
  return Response.json(body, { status, headers: { ...HEADERS, ...headers } });
}
