import { SECOND } from "../../lib/duration.ts";
import type { StreamKey } from "../../log/event-log.ts";
import type { Session } from "../../session/session-store.ts";
import { toHex } from "../../workspace/hex.ts";

/** How soon a client whose stream broke comes back, milliseconds (the `retry` field). */
export const RETRY_MS = SECOND;

/** Ids may be of any length, names in keys may not. */
const LONG_ID = 64;

async function digest(text: string): Promise<string> {
  return toHex(
    new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))),
  );
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

  /** The client's answer to one request of ours, by its id on the wire. */
  reply(wireId: string): StreamKey {
    return this.#key(`reply:${wireId}`);
  }

  /** The client's wish to stop one request of its own. Ids may be numbers or strings: 1 is not "1". */
  async cancel(requestId: string | number): Promise<StreamKey> {
    const id = JSON.stringify(requestId);
    return this.#key(`cancel:${id.length > LONG_ID ? await digest(id) : id}`);
  }

  #key(name: string): StreamKey {
    const { id, tenant } = this.#session;
    return { tenant, stream: `${id}:${name}`, expiresAt: this.#expiresAt };
  }
}

const WIRE_ID = /^s-[0-9a-f]{12}-\d{1,6}$/;

/** An id for a request of ours that no other process of this session uses. */
export function toWireId(streamId: string, number: number): string {
  return `s-${streamId}-${number}`;
}

export function isWireId(id: unknown): id is string {
  return typeof id === "string" && WIRE_ID.test(id);
}

/** Unique in a session, part of event ids: 48 random bits. */
export function newStreamId(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(-12);
}

const EVENT_ID = /^([0-9a-f]{12})\.([1-9]\d{0,8})$/;

export function toEventId(streamId: string, number: number): string {
  return `${streamId}.${number}`;
}

/** Undefined: no id of ours. */
export function parseEventId(
  id: string,
): { readonly streamId: string; readonly number: number } | undefined {
  const [, streamId, number] = EVENT_ID.exec(id) ?? [];
  return streamId === undefined ? undefined : { streamId, number: Number(number) };
}
