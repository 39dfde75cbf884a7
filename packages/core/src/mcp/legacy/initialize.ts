import { type JSONRPCRequest, ProtocolErrorCode } from "@modelcontextprotocol/server";
import { KIB } from "../../lib/bytes.ts";
import type { JsonObject } from "../../lib/json.ts";
import { rejection } from "../error-to-wire.ts";
import { type Exchange, type Served, toDeadline } from "../exchange.ts";
import { toAuthInfo } from "../modern.ts";
import type { McpCall } from "../ports.ts";
import { createServer } from "../server.ts";
import { isWellFormedInitialize } from "./messages.ts";
import { ExchangeTransport } from "./transport.ts";

/** Kept with the session and read by each of its requests; real ones have less than a kilobyte. */
const INITIALIZE_BYTES = 32 * KIB;

function mistakeIn(initialize: JSONRPCRequest): string | undefined {
  if (!isWellFormedInitialize(initialize)) {
    return "initialize needs protocolVersion, capabilities and clientInfo (name, version)";
  }
  const bytes = new TextEncoder().encode(JSON.stringify(initialize)).length;
  if (bytes <= INITIALIZE_BYTES) return undefined;
  return `initialize has ${bytes} bytes; at most ${INITIALIZE_BYTES} are taken`;
}

/**
 * Starts a session: the handshake is answered by a fresh server and stored, bound to its principal,
 * before the answer goes out, since the client's next request may land anywhere.
 */
export async function startSession(
  served: Served,
  call: McpCall,
  { request, initialize }: { readonly request: Request; readonly initialize: JSONRPCRequest },
): Promise<Response> {
  const mistake = mistakeIn(initialize);
  if (mistake !== undefined) {
    const error = { code: ProtocolErrorCode.InvalidParams, message: `Invalid params: ${mistake}` };
    return rejection(400, error, { id: initialize.id });
  }
  const { principal } = call;
  const id = crypto.randomUUID();
  const exchange: Exchange = {
    era: "legacy",
    principal,
    deadline: toDeadline(served, call),
    openStream: () => undefined,
    handedOut: () => undefined,
  };
  const server = createServer(served, exchange);
  const extra = { request, authInfo: toAuthInfo(served, call) };
  const transport = new ExchangeTransport(id, extra, () => Promise.resolve());
  await server.connect(transport);
  const answer = await transport.ask(initialize);
  await server.close();
  if ("error" in answer) return Response.json(answer, { status: 400 });
  const { protocolVersion } = answer.result as { protocolVersion: string };
  const { sessions, clock } = served.ports;
  await sessions.create({
    id,
    tenant: principal.tenant,
    subject: principal.subject,
    clientId: principal.clientId,
    protocolVersion,
    initialize: initialize as unknown as JsonObject,
    subscriptions: [],
    expiresAt: clock.now() + served.limits.sessionTtlMs,
  });
  return Response.json(answer, { headers: { "Mcp-Session-Id": id } });
}
