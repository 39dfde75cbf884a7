import { type JSONRPCRequest, ProtocolError } from "@modelcontextprotocol/server";
import type { Session } from "../../session/session-store.ts";
import type { ExchangeTransport } from "./transport.ts";

/**
 * Brings a fresh server to where its session is: the client's handshake and log level are replayed
 * and the answers kept from the client. Afterwards the negotiated version, the client's capabilities
 * and its name are known, so elicitation and sampling are checked and answered as in one process.
 */
export async function hydrate(transport: ExchangeTransport, session: Session): Promise<void> {
  await replay(transport, session.initialize as unknown as JSONRPCRequest);
  transport.deliver({ jsonrpc: "2.0", method: "notifications/initialized" });
  if (session.logLevel === undefined) return;
  const params = { level: session.logLevel };
  await replay(transport, { jsonrpc: "2.0", id: 0, method: "logging/setLevel", params });
}

async function replay(transport: ExchangeTransport, request: JSONRPCRequest): Promise<void> {
  const answer = await transport.ask({ ...request, id: `replay:${request.method}` });
  if ("error" in answer) throw new ProtocolError(answer.error.code, answer.error.message);
}
