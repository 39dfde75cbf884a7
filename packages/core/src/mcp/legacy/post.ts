import {
  type JSONRPCMessage,
  type JSONRPCRequest,
  ProtocolErrorCode,
} from "@modelcontextprotocol/server";
import type { Session } from "../../session/session-store.ts";
import { rejection } from "../error-to-wire.ts";
import type { Served } from "../exchange.ts";
import type { McpCall } from "../ports.ts";
import { Answering } from "./answering.ts";
import { findSession, refuse } from "./find-session.ts";
import { goOn } from "./go-on.ts";
import { startSession } from "./initialize.ts";
import { isInitialize, isRequest, parseMessages } from "./messages.ts";
import { keepForOthers, remember } from "./session-state.ts";
import { SessionStreams } from "./stream-names.ts";

const JSON_TYPE = "application/json";
const STREAM_TYPE = "text/event-stream";

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
  // Without `waitUntil` nothing is ever parked: the process that asked waits itself.
  call.waitUntil?.(
    goOn(served, call, { request, session, streams, messages }).catch(served.report),
  );
  const requests = messages.filter(isRequest);
  if (requests.length === 0) return new Response(null, { status: 202 });
  const onAnswer = (asked: JSONRPCRequest, answer: JSONRPCMessage) =>
    remember(served, session, asked, answer);
  const answering = { served, call, request, session, streams, requests, isBatch, onAnswer };
  return new Answering({ ...answering, prefersStream: await prefersStream(request) }).respond();
}

/** By weight, then by order: most clients name JSON first, and get it where nothing is said before the answer. */
async function prefersStream({ headers }: Request): Promise<boolean> {
  const { default: Negotiator } = await import("negotiator");
  const accept = headers.get("accept") ?? undefined;
  const [first] = new Negotiator({ headers: { accept } }).mediaTypes([JSON_TYPE, STREAM_TYPE]);
  return first === STREAM_TYPE;
}

function acceptsBoth(request: Request): boolean {
  const accept = request.headers.get("accept") ?? "";
  return accept.includes(JSON_TYPE) && accept.includes(STREAM_TYPE);
}
