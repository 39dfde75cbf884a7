import type { Json } from "../../lib/json.ts";
import { END, type EventLog, type LogEvent, type StreamKey } from "../../log/event-log.ts";
import { frame, KEEP_ALIVE, SSE_HEADERS, toEvent, toPriming } from "../sse.ts";
import { PARKED_RETRY_MS, RETRY_MS, toEventId } from "./stream-names.ts";

/** The kinds of a session stream's events, besides END. */
export const OPENED = "opened";
export const MESSAGE = "message";
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
  readonly report: (error: unknown) => void;
}

/**
 * An answer as a stream of server-sent events that can be taken up again: what it says is appended to
 * the log before it is written, so a client that was cut off finds it there by its last event id.
 * What is said while an append is under way is appended together next.
 */
export class LoggedStream {
  readonly #options: LoggedStreamOptions;
  readonly #response: Response;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #queue: LogEvent[];
  #next: number;
  #flushing: Promise<void> | undefined;
  #logLost = false;

  constructor(options: LoggedStreamOptions) {
    this.#options = options;
    this.#queue = options.next === undefined ? [{ kind: OPENED, data: {} }] : [];
    this.#next = options.next ?? 1;
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

  /** Resolves when the message is logged and on its way. */
  say(message: unknown): Promise<void> {
    return this.#add({ kind: MESSAGE, data: message as Json });
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
    this.#controller?.close();
    this.#controller = undefined;
  }

  /** As `detach`, and says that nothing comes until the client's user has answered. */
  async park(): Promise<void> {
    await this.#add({ kind: PARKED, data: {} });
    await this.detach();
  }

  keepAlive(): void {
    this.#controller?.enqueue(frame(KEEP_ALIVE));
  }

  #add(event: LogEvent): Promise<void> {
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
        for (const event of events) this.#write(event);
      }
    } finally {
      this.#flushing = undefined;
    }
  }

  /** A log that can't be written costs the stream its resumption, not its messages. */
  async #append(events: readonly LogEvent[]): Promise<void> {
    if (this.#logLost) return;
    const { log, key, id, report } = this.#options;
    try {
      const outcome = await log.append(key, this.#next, id, events);
      if (outcome === "taken") throw new Error(`The session stream ${id} has a second writer.`);
    } catch (error) {
      this.#logLost = true;
      report(error);
    }
  }

  #write(event: LogEvent): void {
    const id = this.#logLost ? undefined : toEventId(this.#options.id, this.#next);
    this.#next += 1;
    const text = toFrame(event, id, this.#options.primes);
    if (text !== undefined) this.#controller?.enqueue(frame(text));
    if (event.kind !== END) return;
    this.#controller?.close();
    this.#controller = undefined;
  }
}

/** A logged event as its client sees it; undefined: not at all. */
export function toFrame(
  { kind, data }: LogEvent,
  id: string | undefined,
  primes: boolean,
): string | undefined {
  if (kind === MESSAGE) return toEvent(data, id);
  if (!primes || id === undefined) return undefined;
  if (kind === OPENED) return toPriming(id, RETRY_MS);
  return kind === PARKED ? toPriming(id, PARKED_RETRY_MS) : undefined;
}
