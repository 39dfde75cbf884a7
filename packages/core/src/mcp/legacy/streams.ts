import { tail } from "../../log/tail.ts";
import type { Session } from "../../session/session-store.ts";
import { type Served, toDeadline } from "../exchange.ts";
import type { McpCall } from "../ports.ts";
import { KEEP_ALIVE } from "../sse.ts";
import { findSession, refuse } from "./find-session.ts";
import { toFrame } from "./logged-stream.ts";
import { parseEventId, SessionStreams, toEventId } from "./stream-names.ts";
import { timedStream } from "./timed-stream.ts";

/** GET with `Last-Event-ID` takes up a stream that broke; without, it asks for the session's own stream. */
export async function serveLegacyGet(
  served: Served,
  request: Request,
  call: McpCall,
): Promise<Response> {
  const lastEventId = request.headers.get("last-event-id");
  if (lastEventId === null && served.limits.legacyStreamMs === 0) return noStream();
  if (!request.headers.get("accept")?.includes("text/event-stream")) {
    return refuse(406, "Not Acceptable: Client must accept text/event-stream");
  }
  const session = await findSession(served, request, call);
  if (session instanceof Response) return session;
  return lastEventId === null
    ? standalone(served, call)
    : resume(served, call, { session, lastEventId });
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

/** A stream that would carry nothing is not offered; the specification lets a server answer 405. */
function noStream(): Response {
  const response = refuse(405, "Method Not Allowed: this server sends nothing of its own accord");
  response.headers.set("Allow", "POST, DELETE");
  return response;
}

/** Held, with nothing to say, until its time is over. */
function standalone(served: Served, call: McpCall): Response {
  const { clock } = served.ports;
  const until = Math.min(toDeadline(served, call), clock.now() + served.limits.legacyStreamMs);
  return timedStream(served, until, async function* (signal) {
    yield KEEP_ALIVE;
    await clock.sleep(until - clock.now(), signal);
  });
}

async function resume(
  served: Served,
  call: McpCall,
  { session, lastEventId }: { readonly session: Session; readonly lastEventId: string },
): Promise<Response> {
  const last = parseEventId(lastEventId);
  if (!last) return refuse(400, "Bad Request: Last-Event-ID is no event id of this server");
  const { log, clock, pace } = served.ports;
  const streams = new SessionStreams(session, clock.now() + served.limits.resumeMs);
  const key = streams.answer(last.streamId);
  const [known] = await log.readAfter(key, last.number - 1);
  if (!known) return refuse(404, "The stream is not known any longer");
  return timedStream(served, toDeadline(served, call), async function* (signal) {
    for await (const event of tail(log, key, { after: last.number, clock, signal, pace })) {
      const text = toFrame(event, toEventId(last.streamId, event.number), streams.primes);
      if (text !== undefined) yield text;
    }
  });
}
