import type { Json } from "../../lib/json.ts";
import { appendAtEnd } from "../../log/append-at-end.ts";
import type { LogEvent, StoredEvent, StreamKey } from "../../log/event-log.ts";
import type { Session } from "../../session/session-store.ts";
import { type Served, toDeadline } from "../exchange.ts";
import type { McpCall } from "../ports.ts";
import { toPriming } from "../sse.ts";
import { SubscribedResources, type Versions } from "../subscribed-resources.ts";
import { MESSAGE, OPENED, toFrame } from "./logged-stream.ts";
import { newStreamId, OWN_STREAM, RETRY_MS, SessionStreams, toEventId } from "./stream-names.ts";
import { timedStream } from "./timed-stream.ts";

/** What the messages so far have told of: where the next process goes on. */
const SEEN = "seen";

interface Opening {
  readonly session: Session;
  /** The client has everything up to here; absent: it wants only what is new. */
  readonly after?: number;
}

/**
 * A session's own stream: what belongs to no request, which is that resources it subscribed to have
 * changed. Whoever holds it writes its log, and opening takes the log over, so of two streams only
 * the newer says a thing. It is held while there is something to watch, and not for long: a client
 * comes back by itself, and a held stream is a Lambda that runs.
 */
export async function serveOwnStream(
  served: Served,
  call: McpCall,
  { session, after }: Opening,
): Promise<Response> {
  const { clock } = served.ports;
  const { ownStreamMs, ownRetryMs } = served.limits;
  const watches = session.subscriptions.length > 0;
  const until = Math.min(toDeadline(served, call), clock.now() + (watches ? ownStreamMs : 0));
  const { primes } = new SessionStreams(session, session.expiresAt);
  const times = { until, retryMs: watches ? RETRY_MS : ownRetryMs };
  const show = (event: LogEvent, number: number) =>
    toFrame(event, toEventId(OWN_STREAM, number), primes) ?? "";
  const prime = (number: number) =>
    primes ? toPriming(toEventId(OWN_STREAM, number), times.retryMs) : "";
  // Nothing is written for a client that only looks in again and again.
  if (!watches) {
    return timedStream(served, times, async function* () {
      yield prime(after ?? 0);
    });
  }
  // Before the response begins, so that whoever has it knows that changes are watched for.
  const holder = new OwnStream(served, call, session);
  const { missed, opened } = await holder.open(after);
  return timedStream(served, times, async function* (signal) {
    for (const event of missed) yield show(event, event.number);
    yield prime(opened);
    for await (const event of holder.watch(signal)) yield show(event, event.number);
  });
}

class OwnStream {
  readonly #served: Served;
  readonly #session: Session;
  readonly #key: StreamKey;
  readonly #resources: SubscribedResources;
  readonly #id = newStreamId();
  #next = 1;
  #seen: Versions = {};

  constructor(served: Served, call: McpCall, session: Session) {
    this.#served = served;
    this.#session = session;
    this.#key = new SessionStreams(session, session.expiresAt).own;
    this.#resources = new SubscribedResources(served, call.principal);
  }

  /** Takes the log over. `missed`: the messages behind `after`; `opened`: the number from which on it is ours. */
  async open(
    after: number | undefined,
  ): Promise<{ readonly missed: readonly StoredEvent[]; readonly opened: number }> {
    const before = await this.#readFrom(Math.max(0, (after ?? 0) - 1));
    const known = before.findLast(({ kind }) => kind === SEEN || kind === OPENED);
    const { subscriptions } = this.#session;
    this.#seen = await this.#resources.complete(subscriptions, (known?.data ?? {}) as Versions);
    // What was seen is carried along, so that nobody has to read further back than its last event.
    const opened = await appendAtEnd(this.#served.ports.log, this.#key, {
      writer: this.#id,
      events: [{ kind: OPENED, data: this.#seen as Json }],
      from: (before.at(-1)?.number ?? 0) + 1,
    });
    this.#next = opened + 1;
    const missed = before.filter(
      ({ kind, number }) => kind === MESSAGE && number > (after ?? Number.POSITIVE_INFINITY),
    );
    return { missed, opened };
  }

  /** Messages as there is something to say; ends with the session, or when another stream has taken over. */
  async *watch(signal: AbortSignal): AsyncGenerator<StoredEvent> {
    const { ports, limits } = this.#served;
    while (!signal.aborted) {
      const session = await ports.sessions.get(this.#session.tenant, this.#session.id);
      if (!session) return;
      const news = await this.#resources.look(session.subscriptions, this.#seen);
      if (news) {
        const said = await this.#write(news.changed.map(toMessage), news.seen);
        if (!said) return;
        yield* said;
      }
      await ports.clock.sleep(limits.watchMs, signal);
    }
  }

  /** Undefined: this stream was replaced, and the news are the other's to tell. */
  async #write(
    messages: readonly LogEvent[],
    seen: Versions,
  ): Promise<readonly StoredEvent[] | undefined> {
    const { log } = this.#served.ports;
    const events = [...messages, { kind: SEEN, data: seen as Json }];
    if ((await log.append(this.#key, this.#next, this.#id, events)) === "taken") return undefined;
    const first = this.#next;
    this.#next += events.length;
    this.#seen = seen;
    return messages.map((event, at) => ({ ...event, number: first + at, writer: this.#id }));
  }

  async #readFrom(after: number): Promise<readonly StoredEvent[]> {
    const all: StoredEvent[] = [];
    for (;;) {
      const last = all.at(-1)?.number ?? after;
      const more = await this.#served.ports.log.readAfter(this.#key, last);
      if (more.length === 0) return all;
      all.push(...more);
    }
  }
}

function toMessage(uri: string): LogEvent {
  const data = { jsonrpc: "2.0", method: "notifications/resources/updated", params: { uri } };
  return { kind: MESSAGE, data };
}
