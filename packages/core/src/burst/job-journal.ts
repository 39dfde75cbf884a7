import type { Clock } from "../lib/clock.ts";
import { PlatformError } from "../lib/error.ts";
import type { Json } from "../lib/json.ts";
import {
  END,
  type EventLog,
  type LogEvent,
  type StoredEvent,
  type StreamKey,
} from "../log/event-log.ts";

/** Events are gathered this long before they are written together. */
const GATHER_MS = 25;
/** Events of one write. */
const BATCH = 50;
/** Events kept while a write is under way; older ones give way to newer. */
const BACKLOG = 1000;

/** The event a worker opens the log with: `{fence, attempt}`. */
const STARTED = "started";

/** Another worker has taken over: this one may write nothing more. */
export class FencedError extends PlatformError {
  override readonly name = "FencedError";
  readonly code = "fenced";
}

export interface JournalOptions {
  readonly log: EventLog;
  readonly stream: StreamKey;
  /** Of the writer's claim; a higher one fences it. */
  readonly fence: number;
  readonly clock: Clock;
}

/**
 * A worker's side of a job's event log: events are gathered and written in order without gaps. Who
 * opens it takes the next number, and does so only when no higher fence has opened it before; from
 * then on whoever wrote with a lower fence asks for a number that is taken, and knows.
 */
export class JobJournal {
  readonly #options: JournalOptions;
  readonly #writer: string;
  #next = 1;
  #pending: LogEvent[] = [];
  #writing: Promise<void> | undefined;
  #failed: unknown;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#writer = `fence-${options.fence}`;
  }

  /** Takes the log over. @throws FencedError when it has ended, or a higher fence has it. */
  async open(data: { readonly [key: string]: Json }): Promise<void> {
    const { fence } = this.#options;
    for (;;) {
      await this.#catchUp();
      if (await this.#append([{ kind: STARTED, data: { ...data, fence } }])) return;
    }
  }

  /** Adds an event; it is written soon. Failures show at `flush`. */
  add(event: LogEvent): void {
    if (this.#failed !== undefined) return;
    this.#pending.push(event);
    if (this.#pending.length > BACKLOG) this.#pending.shift();
    this.#writing ??= this.#write();
  }

  /** Everything added is stored when this returns. @throws FencedError, or what the log threw. */
  async flush(): Promise<void> {
    for (let writing = this.#writing; writing !== undefined; writing = this.#writing) await writing;
    if (this.#failed !== undefined) throw this.#failed;
  }

  /** Moves to the log's end. */
  async #catchUp(): Promise<void> {
    const { log, stream, fence } = this.#options;
    for (;;) {
      const events = await log.readAfter(stream, this.#next - 1);
      const last = events.at(-1);
      if (!last) return;
      if (last.kind === END) throw new FencedError("The job's log has ended already.");
      if (events.some((event) => fenceOf(event) > fence)) throw new FencedError(TAKEN_OVER);
      this.#next = last.number + 1;
    }
  }

  /** False: the number was taken. */
  async #append(events: readonly LogEvent[]): Promise<boolean> {
    const { log, stream } = this.#options;
    if ((await log.append(stream, this.#next, this.#writer, events)) === "taken") return false;
    this.#next += events.length;
    return true;
  }

  async #write(): Promise<void> {
    try {
      await this.#options.clock.sleep(GATHER_MS);
      while (this.#pending.length > 0) {
        const written = await this.#append(this.#pending.splice(0, BATCH));
        if (!written) throw new FencedError(TAKEN_OVER);
      }
    } catch (cause) {
      this.#failed = cause;
      this.#pending = [];
    } finally {
      this.#writing = undefined;
    }
  }
}

const TAKEN_OVER = "Another worker has taken this job over.";

/** The fence that an opening event names; 0 for other events. */
function fenceOf({ kind, data }: StoredEvent): number {
  if (kind !== STARTED || typeof data !== "object" || data === null || !("fence" in data)) return 0;
  return typeof data.fence === "number" ? data.fence : 0;
}
