import type { StoredEvent, StreamKey } from "../../log/event-log.ts";
import { tail } from "../../log/tail.ts";
import type { Served } from "../exchange.ts";
import type { McpCall } from "../ports.ts";
import { FOLLOWS, type LoggedStream, PARKED, toFrame } from "./logged-stream.ts";
import type { FollowedCall } from "./outlet.ts";
import { type EventPlace, toEventId } from "./stream-names.ts";
import { type TakenOver, type TakingOver, takeOver } from "./take-over.ts";

export interface Resuming extends TakingOver {
  /** The last event the client has. */
  readonly last: EventPlace;
  /** All has been said; nothing is left to be taken over. */
  readonly hasEnded: boolean;
}

/**
 * What a client is told that came back with its last event's id: what it missed, then what comes. What
 * comes is written by this process where it can be; else by another one, and read here.
 */
export class Resumption {
  readonly #served: Served;
  readonly #call: McpCall;
  readonly #resuming: Resuming;
  readonly #key: StreamKey;
  /** The number of the last event that was told. */
  #after: number;
  #mine: TakenOver | undefined;

  constructor(served: Served, call: McpCall, resuming: Resuming) {
    this.#served = served;
    this.#call = call;
    this.#resuming = resuming;
    this.#key = resuming.streams.answer(resuming.streamId);
    this.#after = resuming.last.number;
  }

  async *frames(signal: AbortSignal): AsyncGenerator<string> {
    if (!this.#resuming.hasEnded) await this.#takeOver(true);
    for (;;) {
      yield* this.#read(signal);
      if (!this.#mine || this.#after < this.#mine.at) return;
      const { stream } = this.#mine;
      yield* framesOf(stream);
      if (!stream.isReplaced) return;
      this.#after = stream.last;
      this.#mine = undefined;
    }
  }

  /** What is stored, to where this process writes itself, if it does. */
  async *#read(signal: AbortSignal): AsyncGenerator<string> {
    const { log, clock, pace } = this.#served.ports;
    const { streamId, streams } = this.#resuming;
    const options = { after: this.#after, clock, signal, pace };
    for await (const event of tail(log, this.#key, options)) {
      yield toFrame(event, toEventId(streamId, event.number), streams.primes) ?? "";
      this.#after = event.number;
      // A client that waits for its own user looks in again later.
      if (event.number === this.#mine?.at || (await this.#waits(event))) return;
      if (!this.#mine && isUnread(event)) await this.#takeOver(false);
    }
  }

  async #takeOver(isNewest: boolean): Promise<void> {
    this.#mine = await takeOver(this.#served, this.#call, this.#resuming, isNewest);
  }

  async #waits({ kind, number }: StoredEvent): Promise<boolean> {
    const { log } = this.#served.ports;
    return kind === PARKED && (await log.readAfter(this.#key, number)).length === 0;
  }
}

/** Whether it is by a process that begins to follow a job, and serves no connection the client came back on. */
function isUnread({ kind, data }: StoredEvent): boolean {
  return kind === FOLLOWS && !(data as unknown as FollowedCall).takenOver;
}

async function* framesOf({ response }: LoggedStream): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) yield decoder.decode(chunk, { stream: true });
}
