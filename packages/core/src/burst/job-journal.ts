import type { Clock } from "../lib/clock.ts";
import { PlatformError } from "../lib/error.ts";
import type { Json } from "../lib/json.ts";
import type { EventLog, LogEvent, StreamKey } from "../log/event-log.ts";
import { findEnd } from "../log/find-end.ts";

/** Events are gathered this long before they are written together. */
const GATHER_MS = 25;
/** Progress events kept while a write is under way; older ones give way to newer. */
const BACKLOG = 1000;

/** Another worker has taken over: this one may write nothing more. */
export class FencedError extends PlatformError {
  override readonly name = "FencedError";
  readonly code = "fenced";
}

/**
 * A worker's side of a job's event log: events are gathered, written in order without gaps, and
 * fenced by the log itself (see EventLog.append).
 */
export class JobJournal {
  readonly #log: EventLog;
  readonly #stream: StreamKey;
  readonly #writer: string;
  readonly #clock: Clock;
  #next = 1;
  #pending: LogEvent[] = [];
  #writing: Promise<void> | undefined;
  #failed: unknown;

  constructor(log: EventLog, stream: StreamKey, writer: string, clock: Clock) {
    this.#log = log;
    this.#stream = stream;
    this.#writer = writer;
    this.#clock = clock;
  }

  /**
   * Takes over the stream: finds its end and writes `started` there, so that whoever wrote before
   * can write no more. @throws FencedError when the stream has already ended.
   */
  async open(data: Json): Promise<void> {
    for (;;) {
      const { next, ended } = await findEnd(this.#log, this.#stream, this.#next);
      if (ended) throw new FencedError("The job's log has ended already.");
      this.#next = next;
      const event = { kind: "started", data };
      const outcome = await this.#log.append(this.#stream, next, this.#writer, [event]);
      if (outcome === "taken") continue;
      this.#next += 1;
      return;
    }
  }

  /** Adds an event; it is written soon. Failures show at `flush`. */
  add(event: LogEvent): void {
    this.#pending.push(event);
    if (this.#pending.length > BACKLOG) this.#pending.shift();
    this.#writing ??= this.#write();
  }

  /** Everything added is stored when this returns. @throws FencedError, or what the log threw. */
  async flush(): Promise<void> {
    for (let writing = this.#writing; writing !== undefined; writing = this.#writing) await writing;
    if (this.#failed) throw this.#failed;
  }

  async #write(): Promise<void> {
    try {
      await this.#clock.sleep(GATHER_MS);
      while (this.#pending.length > 0) {
        const events = this.#pending.splice(0, 50);
        const outcome = await this.#log.append(this.#stream, this.#next, this.#writer, events);
        if (outcome === "taken") throw new FencedError("Another worker writes this job's log.");
        this.#next += events.length;
      }
    } catch (cause) {
      this.#failed = cause;
      this.#pending = [];
    } finally {
      this.#writing = undefined;
    }
  }
}
