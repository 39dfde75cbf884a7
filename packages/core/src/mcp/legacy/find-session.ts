import type { Session } from "../../session/session-store.ts";
import { rejection, TRANSPORT_ERROR } from "../error-to-wire.ts";
import type { Served } from "../exchange.ts";
import type { McpCall } from "../ports.ts";
import { LEGACY_VERSIONS } from "../server.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The session a request belongs to, or the refusal: 400 without an id or with a protocol version not
 * served, 404 for a session that is unknown, over, or another principal's (the client then starts a
 * new one). One strongly consistent read.
 */
export async function findSession(
  served: Served,
  request: Request,
  call: McpCall,
): Promise<Session | Response> {
  const id = request.headers.get("mcp-session-id");
  if (id === null) return refuse(400, "Bad Request: Mcp-Session-Id header is required");
  const version = request.headers.get("mcp-protocol-version");
  if (version !== null && !(LEGACY_VERSIONS as readonly string[]).includes(version)) {
    const served = LEGACY_VERSIONS.join(", ");
    return refuse(400, `Bad Request: Unsupported protocol version (supported: ${served})`);
  }
  return (await findOwnSession(served, id, call)) ?? refuse(404, "Session not found");
}

/** The caller's own session; unknown, ended and somebody else's are all the same. */
export async function findOwnSession(
  { ports }: Served,
  id: string,
  { principal }: McpCall,
): Promise<Session | undefined> {
  const session = UUID.test(id) ? await ports.sessions.get(principal.tenant, id) : undefined;
  const mine = session?.subject === principal.subject && session.clientId === principal.clientId;
  return mine ? session : undefined;
}

export function refuse(status: number, message: string): Response {
  return rejection(status, { code: TRANSPORT_ERROR, message });
}
