import {
  type JSONRPCMessage,
  type JSONRPCRequest,
  ProtocolErrorCode,
} from "@modelcontextprotocol/server";
import type { Session } from "../../session/session-store.ts";
import { rejection } from "../error-to-wire.ts";
import type { Served } from "../exchange.ts";
import type { McpCall } from "../ports.ts";
import { SSE_VERSIONS } from "../server.ts";
import { findOwnSession, refuse } from "./find-session.ts";
import { goOn } from "./go-on.ts";
import { shakeHands } from "./initialize.ts";
import { isInitialize, isRequest, parseMessages } from "./messages.ts";
import { SessionRun } from "./session-run.ts";
import { keepForOthers, remember } from "./session-state.ts";
import { SseOutlet } from "./sse-outlet.ts";
import { SessionStreams } from "./stream-names.ts";

interface Posted {
  readonly request: Request;
  readonly body: unknown;
}

/**
 * A post of the HTTP+SSE transport: taken with 202 at once, since the client may wait for that
 * before it answers what the server asks; the answer goes to the session's stream.
 */
export async function serveSsePost(
  served: Served,
  call: McpCall,
  { request, body }: Posted,
): Promise<Response> {
  const id = new URL(request.url).searchParams.get("sessionId");
  if (id === null) return refuse(400, "Bad Request: sessionId is missing in the address");
  const messages = parseMessages(body);
  if (!messages) {
    const message = "Invalid Request: the body is no JSON-RPC message";
    return rejection(400, { code: ProtocolErrorCode.InvalidRequest, message });
  }
  const session = await findOwnSession(served, id, call);
  if (!session) return refuse(404, "Session not found");
  if (Array.isArray(body) && session.protocolVersion !== "2025-03-26") {
    const message = `Invalid Request: revision ${session.protocolVersion} has no batches`;
    return rejection(400, { code: ProtocolErrorCode.InvalidRequest, message });
  }
  const work = serve(served, call, { request, messages, session }).catch(served.report);
  call.waitUntil?.(work);
  return new Response("Accepted", { status: 202 });
}

interface Taken {
  readonly request: Request;
  readonly messages: readonly JSONRPCMessage[];
  readonly session: Session;
}

async function serve(
  served: Served,
  call: McpCall,
  { request, messages, session }: Taken,
): Promise<void> {
  // One time for all: the stream that tails this log can know no other.
  const streams = new SessionStreams(session, session.expiresAt);
  const outlet = new SseOutlet(served.ports.log, streams.sse);
  for (const initialize of messages.filter(isInitialize)) {
    const handshake = { request, initialize, id: session.id, versions: SSE_VERSIONS };
    await outlet.say(await shakeHands(served, call, handshake));
  }
  await Promise.all(messages.map((message) => keepForOthers(served, streams, message)));
  await goOn(served, call, { request, session, streams, messages });
  const requests = messages.filter(isRequest).filter((message) => !isInitialize(message));
  if (requests.length === 0) return;
  const run = new SessionRun({
    served,
    call,
    request,
    session,
    streams,
    streamId: outlet.id,
    requests,
    outlet,
    versions: SSE_VERSIONS,
    onAnswer: (asked: JSONRPCRequest, answer) => remember(served, session, asked, answer),
  });
  await (await run.start()).ended;
}
