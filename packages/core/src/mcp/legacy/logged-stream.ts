import type { Json } from "../../lib/json.ts";
import { END, type EventLog, type LogEvent, type StreamKey } from "../../log/event-log.ts";
import { findEnd } from "../../log/find-end.ts";
import { frame, KEEP_ALIVE, SSE_HEADERS, toEvent, toPriming } from "../sse.ts";
import type { FollowedCall } from "./outlet.ts";
import { PARKED_RETRY_MS, RETRY_MS, toEventId } from "./stream-names.ts";

/** The kinds of a session stream's events, besides END. */
export const OPENED = "opened";
export const MESSAGE = "message";
/** A message that stands for an event of a job: {message, event}. */
export const RELAYED = "relayed";
/** Its writer follows a job from here on (FollowedCall). */
export const FOLLOWS = "follows";
/** Nobody writes it for now: its call waits for a person. */
export const PARKED = "parked";

export interface LoggedStreamOptions {
  readonly log: EventLog;
  readonly id: string;
  readonly key: StreamKey;
  /** Whether to start with an event that carries an id and no data. */
  readonly primes: boolean;
  /** Goes on with a stream that another process began, at this number. */
  readonly next?: number;
  /** Begins behind whatever is there by then: for who alone may go on with the stream. */
  readonly joins?: boolean;
  /** Told when another process writes the stream. */
  readonly onReplaced?: () => void;
  readonly report: (error: unknown) => void;
}

/**
 * An answer as a stream of server-sent events that can be taken up again: what it says is appended to
 * the log before it is written, so a client that was cut off finds it there by its last event id.
 * What is said while an append is under way is appended together next. One process writes it at a time:
 * the newest. The one before finds the place of its next append taken, and is silent from then on.
 */
export class LoggedStream {
  readonly #options: LoggedStreamOptions;
  readonly #response: Response;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #queue: LogEvent[];
  #next: number;
  #flushing: Promise<void> | undefined;
  readonly #writer = crypto.randomUUID();
  #joins: boolean;
  #logLost = false;
  #replaced = false;

  constructor(options: LoggedStreamOptions) {
    this.#options = options;
    this.#queue = options.next === undefined ? [{ kind: OPENED, data: {} }] : [];
    this.#next = options.next ?? 1;
    this.#joins = options.joins ?? false;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      // The client left; the work goes on, and the log has the rest for when it comes back.
      cancel: () => {
        this.#controller = undefined;
      },
    });
    this.#response = new Response(body, { headers: SSE_HEADERS });
  }

  get response(): Response {
    return this.#response;
  }

  /** Whether another process writes it now. */
  get isReplaced(): boolean {
    return this.#replaced;
  }

  /** The number of the last event that was written here. */
  get last(): number {
    return this.#next - 1;
  }

  /** Resolves when the message is logged and on its way; `event`: of the job that it stands for. */
  say(message: unknown, event?: number): Promise<void> {
    const said = message as Json;
    if (event === undefined) return this.#add({ kind: MESSAGE, data: said });
    return this.#add({ kind: RELAYED, data: { message: said, event } });
  }

  /** Notes for others how to go on with the call from here. */
  follows(call: FollowedCall): Promise<void> {
    return this.#add({ kind: FOLLOWS, data: call as unknown as Json });
  }

  /** Writes what has been said so far, if only that the stream is open. */
  flush(): Promise<void> {
    this.#flushing ??= this.#flush();
    return this.#flushing;
  }

  end(): Promise<void> {
    return this.#add({ kind: END, data: {} });
  }

  /** Ends the response but not the stream: the client takes it up again with its last event id. */
  async detach(): Promise<void> {
    await this.flush();
    this.#close();
  }

  /** As `detach`, and says that nothing comes until the client's user has answered. */
  async park(): Promise<void> {
    await this.#add({ kind: PARKED, data: {} });
    await this.detach();
  }

  keepAlive(): void {
    this.#controller?.enqueue(frame(KEEP_ALIVE));
  }

  #close(): void {
    this.#controller?.close();
    this.#controller = undefined;
  }

  #add(event: LogEvent): Promise<void> {
    if (this.#replaced) return Promise.resolve();
    this.#queue.push(event);
    return this.flush();
  }

  async #flush(): Promise<void> {
    // What is said in the same turn goes out in the same append.
    await Promise.resolve();
    try {
      while (this.#queue.length > 0) {
        const events = this.#queue;
        this.#queue = [];
        await this.#append(events);
        if (this.#replaced) return;
        for (const event of events) this.#write(event);
      }
    } finally {
      this.#flushing = undefined;
    }
  }

  /** A log that can't be written costs the stream its resumption, not its messages. */
  async #append(events: readonly LogEvent[]): Promise<void> {
    if (this.#logLost) return;
    try {
      if ((await this.#place(events)) === "taken") this.#leave();
    } catch (error) {
      this.#logLost = true;
      this.#options.report(error);
    }
  }

  async #place(events: readonly LogEvent[]): Promise<"appended" | "taken"> {
    const { log, key } = this.#options;
    const append = () => log.append(key, this.#next, this.#writer, events);
    let outcome = await append();
    while (outcome === "taken" && this.#joins) {
      const { next, ended } = await findEnd(log, key, this.#next);
      if (ended) break;
      this.#next = next;
      outcome = await append();
    }
    this.#joins = false;
    return outcome;
  }

  #leave(): void {
    this.#replaced = true;
    this.#queue = [];
    this.#close();
    this.#options.onReplaced?.();
  }

  #write(event: LogEvent): void {
    const id = this.#logLost ? undefined : toEventId(this.#options.id, this.#next);
    this.#next += 1;
    const text = toFrame(event, id, this.#options.primes);
    if (text !== undefined) this.#controller?.enqueue(frame(text));
    if (event.kind === END) this.#close();
  }
}

/** A logged event as its client sees it; undefined: not at all. */
export function toFrame(
  { kind, data }: LogEvent,
  id: string | undefined,
  primes: boolean,
): string | undefined {
  if (kind === MESSAGE) return toEvent(data, id);
  if (kind === RELAYED) return toEvent((data as { readonly message: Json }).message, id);
  if (!primes || id === undefined) return undefined;
  // Not to be seen but for its number: the numbers a client gets have no gap.
  if (kind === OPENED || kind === FOLLOWS) return toPriming(id, RETRY_MS);
  return kind === PARKED ? toPriming(id, PARKED_RETRY_MS) : undefined;
}
