import { tail } from "../../log/tail.ts";
import type { Session } from "../../session/session-store.ts";
import { type Served, toDeadline } from "../exchange.ts";
import { type McpCall, SSE_PATHS } from "../ports.ts";
import { toEvent } from "../sse.ts";
import { findOwnSession } from "./find-session.ts";
import { toSession } from "./initialize.ts";
import { MESSAGE } from "./logged-stream.ts";
import { SessionStreams } from "./stream-names.ts";
import { timedStream } from "./timed-stream.ts";

/**
 * What a session starts from until its client shakes hands. A client whose stream has ended comes
 * back to a new session and does not shake hands again; it is served, but never asked anything.
 */
const UNKNOWN_CLIENT = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: {
    protocolVersion: "2024-11-05",
    capabilities: {},
    clientInfo: { name: "unknown", version: "0" },
  },
} as const;

/**
 * The stream of the HTTP+SSE transport (specification 2024-11-05, basic/transports): first where to
 * post, then everything the server says, from a log that whoever serves a post appends to.
 */
export async function serveSseStream(
  served: Served,
  request: Request,
  call: McpCall,
): Promise<Response> {
  const last = parseLastEvent(request.headers.get("last-event-id"));
  const known = last && (await findOwnSession(served, last.session, call));
  const session = known ?? (await newSession(served, call));
  const after = known ? last.number : 0;
  const { log, clock } = served.ports;
  const streams = new SessionStreams(session, session.expiresAt);
  const until = toDeadline(served, call);
  return timedStream(served, { until }, async function* (signal) {
    const where = `${SSE_PATHS.messages}?sessionId=${session.id}`;
    yield `id: ${session.id}.${after}\nevent: endpoint\ndata: ${where}\n\n`;
    for await (const { kind, data, number } of tail(log, streams.sse, { after, clock, signal })) {
      if (kind === MESSAGE) yield toEvent(data, `${session.id}.${number}`);
    }
  });
}

async function newSession(served: Served, call: McpCall): Promise<Session> {
  const session = toSession(served, call, {
    id: crypto.randomUUID(),
    protocolVersion: UNKNOWN_CLIENT.params.protocolVersion,
    initialize: UNKNOWN_CLIENT,
  });
  await served.ports.sessions.create(session);
  return session;
}

function parseLastEvent(
  id: string | null,
): { readonly session: string; readonly number: number } | undefined {
  const [, session, number] = /^([0-9a-f-]{36})\.(\d{1,9})$/.exec(id ?? "") ?? [];
  return session === undefined ? undefined : { session, number: Number(number) };
}
