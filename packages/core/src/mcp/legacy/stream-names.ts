import { SECOND } from "../../lib/duration.ts";
import type { StreamKey } from "../../log/event-log.ts";
import type { Session } from "../../session/session-store.ts";
import { toHex } from "../../workspace/hex.ts";

/** How soon a client looks again for the end of a call that waits for its user, milliseconds. */
export const PARKED_RETRY_MS = 3 * SECOND;

/** How soon a client whose stream broke comes back, milliseconds (the `retry` field). */
export const RETRY_MS = SECOND;

/** Ids may be of any length, names in keys may not. */
const LONG_ID = 64;

/** Ids may be numbers or strings: 1 is not "1". */
async function toName(requestId: string | number): Promise<string> {
  const id = JSON.stringify(requestId);
  if (id.length <= LONG_ID) return id;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(id));
  return toHex(new Uint8Array(digest));
}

/** Where in the log the streams of a session are, and until when. */
export class SessionStreams {
  readonly #session: Session;
  readonly #expiresAt: number;

  constructor(session: Session, expiresAt: number) {
    this.#session = session;
    this.#expiresAt = expiresAt;
  }

  /** Whether streams start with an event without data: clients before 2025-11-25 choke on it. */
  get primes(): boolean {
    return this.#session.protocolVersion === "2025-11-25";
  }

  /** The messages of one answer; `id` is unique in the session. */
  answer(id: string): StreamKey {
    return this.#key(`answer:${id}`);
  }

  /** What belongs to no request (the stream of a GET). */
  get own(): StreamKey {
    return this.#key("own");
  }

  /** Everything the server says on the one stream of the HTTP+SSE transport. */
  get sse(): StreamKey {
    return this.#key("sse");
  }

  /** The client's answer to one request of ours, by its id on the wire. */
  reply(wireId: string): StreamKey {
    return this.#key(`reply:${wireId}`);
  }

  /** A call that waits for answers without a process, by the run that asked. */
  wait(runId: string): StreamKey {
    return this.#key(`wait:${runId}`);
  }

  /** The runs that parked one request of the client, the newest last. */
  async parked(requestId: string | number): Promise<StreamKey> {
    return this.#key(`parked:${await toName(requestId)}`);
  }

  /** The client's wish to stop one request of its own. */
  async cancel(requestId: string | number): Promise<StreamKey> {
    return this.#key(`cancel:${await toName(requestId)}`);
  }

  #key(name: string): StreamKey {
    const { id, tenant } = this.#session;
    return { tenant, stream: `${id}:${name}`, expiresAt: this.#expiresAt };
  }
}

const WIRE_ID = /^s-([0-9a-f]{12})-(\d{1,6})$/;

/** An id for a request of ours that no other process of this session uses. */
export function toWireId(streamId: string, number: number): string {
  return `s-${streamId}-${number}`;
}

export function isWireId(id: unknown): id is string {
  return parseWireId(id) !== undefined;
}

/** Undefined: no id of ours. */
export function parseWireId(id: unknown): EventPlace | undefined {
  const [, streamId, number] = (typeof id === "string" && WIRE_ID.exec(id)) || [];
  return streamId === undefined ? undefined : { streamId, number: Number(number) };
}

/** Unique in a session, part of event ids: 48 random bits. */
export function newStreamId(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(-12);
}

/** Stands for the session's own stream in event ids; random ones are never all zeros in practice. */
export const OWN_STREAM = "000000000000";

const EVENT_ID = /^([0-9a-f]{12})\.(0|[1-9]\d{0,8})$/;

export function toEventId(streamId: string, number: number): string {
  return `${streamId}.${number}`;
}

export interface EventPlace {
  readonly streamId: string;
  readonly number: number;
}

/** Undefined: no id of ours. */
export function parseEventId(id: string): EventPlace | undefined {
  const [, streamId, number] = EVENT_ID.exec(id) ?? [];
  if (streamId === undefined) return undefined;
  // Answers are numbered from 1; the session's own stream begins with a place before its first event.
  if (number === "0" && streamId !== OWN_STREAM) return undefined;
  return { streamId, number: Number(number) };
}
