import { type JSONRPCRequest, ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { JsonObject } from "../../lib/json.ts";
import { rejection } from "../error-to-wire.ts";
import { type Exchange, type Served, toDeadline } from "../exchange.ts";
import { toAuthInfo } from "../modern.ts";
import type { McpCall } from "../ports.ts";
import { createServer } from "../server.ts";
import { isWellFormedInitialize } from "./messages.ts";
import { ExchangeTransport } from "./transport.ts";

/**
 * Starts a session: the handshake is answered by a fresh server and stored, bound to its principal,
 * before the answer goes out, since the client's next request may land anywhere.
 */
export async function startSession(
  served: Served,
  call: McpCall,
  { request, initialize }: { readonly request: Request; readonly initialize: JSONRPCRequest },
): Promise<Response> {
  if (!isWellFormedInitialize(initialize)) {
    const message =
      "Invalid params: initialize needs protocolVersion, capabilities and clientInfo (name, version)";
    const error = { code: ProtocolErrorCode.InvalidParams, message };
    return rejection(400, error, { id: initialize.id });
  }
  const { principal } = call;
  const id = crypto.randomUUID();
  const exchange: Exchange = {
    era: "legacy",
    principal,
    deadline: toDeadline(served, call),
    targetOf: () => "",
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
