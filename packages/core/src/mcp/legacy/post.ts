import type {
  JSONRPCMessage,
  JSONRPCNotification,
  JSONRPCRequest,
} from "@modelcontextprotocol/server";
import { ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { Json } from "../../lib/json.ts";
import type { StreamKey } from "../../log/event-log.ts";
import type { Session } from "../../session/session-store.ts";
import { rejection } from "../error-to-wire.ts";
import type { Served } from "../exchange.ts";
import type { McpCall } from "../ports.ts";
import { Answering } from "./answering.ts";
import { findSession, refuse } from "./find-session.ts";
import { startSession } from "./initialize.ts";
import { isInitialize, parseMessages } from "./messages.ts";
import { isWireId, SessionStreams } from "./stream-names.ts";
import { isAnswer } from "./transport.ts";

interface Posted {
  readonly request: Request;
  readonly body: unknown;
}

/** Answers a POST of the revisions with sessions. */
export async function serveLegacyPost(
  served: Served,
  call: McpCall,
  posted: Posted,
): Promise<Response> {
  const { request } = posted;
  if (!acceptsBoth(request)) {
    const message =
      "Not Acceptable: Client must accept both application/json and text/event-stream";
    return refuse(406, message);
  }
  const messages = parseMessages(posted.body);
  if (!messages) {
    const message = "Invalid Request: the body is no JSON-RPC message";
    return rejection(400, { code: ProtocolErrorCode.InvalidRequest, message });
  }
  const [first] = messages;
  if (messages.length === 1 && first && isInitialize(first)) {
    return startSession(served, call, { request, initialize: first });
  }
  const session = await findSession(served, request, call);
  if (session instanceof Response) return session;
  return inSession(served, call, { ...posted, session, messages });
}

async function inSession(
  served: Served,
  call: McpCall,
  { session, messages, request, body }: Posted & { session: Session; messages: JSONRPCMessage[] },
): Promise<Response> {
  const isBatch = Array.isArray(body);
  if ((isBatch && session.protocolVersion !== "2025-03-26") || messages.some(isInitialize)) {
    const message = isBatch
      ? `Invalid Request: revision ${session.protocolVersion} has no batches`
      : "Invalid Request: the session is initialized already";
    return rejection(400, { code: ProtocolErrorCode.InvalidRequest, message });
  }
  const streams = new SessionStreams(session, served.ports.clock.now() + served.limits.resumeMs);
  await Promise.all(messages.map((message) => keepForOthers(served, streams, message)));
  const requests = messages.filter(isRequest);
  if (requests.length === 0) return new Response(null, { status: 202 });
  const onAnswer = (asked: JSONRPCRequest, answer: JSONRPCMessage) =>
    remember(served, session, asked, answer);
  const answering = { served, call, request, session, streams, requests, isBatch, onAnswer };
  return new Answering(answering).start();
}

/** Answers and cancellations are for the process that waits for them, wherever it is. */
async function keepForOthers(
  { ports }: Served,
  streams: SessionStreams,
  message: JSONRPCMessage,
): Promise<void> {
  const keep = (key: StreamKey) =>
    // A second answer or cancellation finds the place taken, which is as well: the first one counts.
    ports.log.append(key, 1, "client", [{ kind: "client", data: message as unknown as Json }]);
  if (isAnswer(message)) {
    if (isWireId(message.id)) await keep(streams.reply(message.id));
    return;
  }
  if (message.method !== "notifications/cancelled") return;
  const requestId = (message as JSONRPCNotification).params?.requestId;
  if (typeof requestId === "string" || typeof requestId === "number") {
    await keep(await streams.cancel(requestId));
  }
}

/** What changes the session's state is stored before its answer goes out. */
async function remember(
  { ports: { sessions } }: Served,
  { tenant, id }: Session,
  { method, params }: JSONRPCRequest,
  answer: JSONRPCMessage,
): Promise<void> {
  if ("error" in answer) return;
  if (method === "logging/setLevel") {
    await sessions.setLogLevel(tenant, id, String(params?.level));
  }
  if (method === "resources/subscribe") {
    await sessions.subscribe(tenant, id, String(params?.uri));
  }
  if (method === "resources/unsubscribe") {
    await sessions.unsubscribe(tenant, id, String(params?.uri));
  }
}

function isRequest(message: JSONRPCMessage): message is JSONRPCRequest {
  return "method" in message && "id" in message;
}

function acceptsBoth(request: Request): boolean {
  const accept = request.headers.get("accept") ?? "";
  return accept.includes("application/json") && accept.includes("text/event-stream");
}
