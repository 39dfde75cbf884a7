import {
  type JSONRPCRequest,
  type JSONRPCResponse,
  ProtocolErrorCode,
} from "@modelcontextprotocol/server";
import { KIB } from "../../lib/bytes.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { Session } from "../../session/session-store.ts";
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
  { request, initialize }: Handshake,
): Promise<Response> {
  const id = crypto.randomUUID();
  const answer = await shakeHands(served, call, { request, initialize, id });
  return "error" in answer
    ? Response.json(answer, { status: 400 })
    : Response.json(answer, { headers: { "Mcp-Session-Id": id } });
}

export interface Handshake {
  readonly request: Request;
  readonly initialize: JSONRPCRequest;
}

/** The server's answer to a handshake. When it is no error, the session is stored under the id. */
export async function shakeHands(
  served: Served,
  call: McpCall,
  { request, initialize, id, versions }: Handshake & ToStore,
): Promise<JSONRPCResponse> {
  const mistake = mistakeIn(initialize);
  if (mistake !== undefined) return malformed(initialize, mistake);
  const exchange: Exchange = {
    era: "legacy",
    principal: call.principal,
    deadline: toDeadline(served, call),
    targetOf: () => "",
    openStream: () => undefined,
    handedOut: () => undefined,
    ...(versions && { versions }),
  };
  const server = createServer(served, exchange);
  const extra = { request, authInfo: toAuthInfo(served, call) };
  const transport = new ExchangeTransport(id, extra, () => Promise.resolve());
  await server.connect(transport);
  const answer = await transport.ask(initialize);
  await server.close();
  if ("error" in answer) return answer;
  const { protocolVersion } = answer.result as { protocolVersion: string };
  await served.ports.sessions.create(
    toSession(served, call, { id, protocolVersion, initialize: toJson(initialize) }),
  );
  return answer;
}

interface ToStore {
  readonly id: string;
  /** Those of the leg, if not the usual ones; newest first. */
  readonly versions?: readonly string[];
}

export function toSession(
  { ports, limits }: Served,
  { principal }: McpCall,
  known: Pick<Session, "id" | "protocolVersion" | "initialize">,
): Session {
  const { tenant, subject, clientId } = principal;
  const expiresAt = ports.clock.now() + limits.sessionTtlMs;
  return { ...known, tenant, subject, clientId, subscriptions: [], expiresAt };
}

function toJson(initialize: JSONRPCRequest): JsonObject {
  return initialize as unknown as JsonObject;
}

function malformed({ id }: JSONRPCRequest, mistake: string): JSONRPCResponse {
  const error = { code: ProtocolErrorCode.InvalidParams, message: `Invalid params: ${mistake}` };
  return { jsonrpc: "2.0", id, error };
}
