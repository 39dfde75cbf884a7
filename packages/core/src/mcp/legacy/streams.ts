import { END } from "../../log/event-log.ts";
import type { Session } from "../../session/session-store.ts";
import { type Served, toDeadline } from "../exchange.ts";
import type { McpCall } from "../ports.ts";
import { findSession, refuse } from "./find-session.ts";
import { PARKED, toFrame } from "./logged-stream.ts";
import { serveOwnStream } from "./own-stream.ts";
import { Resumption } from "./resume.ts";
import {
  type EventPlace,
  OWN_STREAM,
  parseEventId,
  SessionStreams,
  toEventId,
} from "./stream-names.ts";
import { timedStream } from "./timed-stream.ts";

/** GET with `Last-Event-ID` takes up a stream that broke; without, it asks for the session's own stream. */
export async function serveLegacyGet(
  served: Served,
  request: Request,
  call: McpCall,
): Promise<Response> {
  const lastEventId = request.headers.get("last-event-id");
  // Some clients look first whether there is anything here (mcp-remote): they are not kept waiting.
  if (!request.headers.has("mcp-session-id")) return noStream();
  if (!request.headers.get("accept")?.includes("text/event-stream")) {
    return refuse(406, "Not Acceptable: Client must accept text/event-stream");
  }
  const session = await findSession(served, request, call);
  if (session instanceof Response) return session;
  if (lastEventId === null) return serveOwnStream(served, call, { session });
  const last = parseEventId(lastEventId);
  if (!last) return refuse(400, "Bad Request: Last-Event-ID is no event id of this server");
  return last.streamId === OWN_STREAM
    ? serveOwnStream(served, call, { session, after: last.number })
    : resume(served, call, { request, session, last });
}

/** Ends a session; a client that merely goes away leaves it to its TTL. */
export async function serveLegacyDelete(
  served: Served,
  request: Request,
  call: McpCall,
): Promise<Response> {
  const session = await findSession(served, request, call);
  if (session instanceof Response) return session;
  await served.ports.sessions.delete(session.tenant, session.id);
  return new Response(null, { status: 200 });
}

/** Without a session there is no stream; the specification lets a server answer 405. */
function noStream(): Response {
  const response = refuse(
    405,
    "Method Not Allowed: streams belong to a session, and Mcp-Session-Id is missing",
  );
  response.headers.set("Allow", "POST, DELETE");
  return response;
}

interface Resumed {
  readonly request: Request;
  readonly session: Session;
  readonly last: EventPlace;
}

async function resume(
  served: Served,
  call: McpCall,
  { request, session, last }: Resumed,
): Promise<Response> {
  const { log, clock } = served.ports;
  const streams = new SessionStreams(session, clock.now() + served.limits.resumeMs);
  const { streamId } = last;
  const stored = await log.readAfter(streams.answer(streamId), last.number - 1);
  const [known] = stored;
  if (!known) return refuse(404, "The stream is not known any longer");
  const hasEnded = stored.some(({ kind }) => kind === END);
  const resuming = { request, session, streams, streamId, last, hasEnded };
  return timedStream(served, { until: toDeadline(served, call) }, async function* (signal) {
    // A client that waits for its own user looks in again later, and needs an id to do so.
    if (known.kind === PARKED && stored.length === 1) {
      return yield toFrame(known, toEventId(streamId, known.number), streams.primes) ?? "";
    }
    yield* new Resumption(served, call, resuming).frames(signal);
  });
}
