import type { Clock } from "../lib/clock.ts";
import { END, type LogEvent, type StoredEvent } from "../log/event-log.ts";
import type { Reporter } from "./call-service.ts";
import { isTerminal, type Job } from "./job.ts";
import type { JobEnd } from "./job-store.ts";

/** A job with what it has told; its reporter methods are the tool's. */
export class RunningJob implements Reporter {
  #job: Job;
  #events: StoredEvent[] = [];
  #changed = Promise.withResolvers<void>();
  readonly #clock: Clock;
  readonly #cancel = new AbortController();

  constructor(clock: Clock, job: Job) {
    this.#clock = clock;
    this.#job = job;
  }

  get job(): Job {
    return this.#job;
  }

  get cancelled(): AbortSignal {
    return this.#cancel.signal;
  }

  readonly progress: Reporter["progress"] = (progress, total, message) => {
    const data = {
      progress,
      ...(total !== undefined && { total }),
      ...(message !== undefined && { message }),
    };
    this.#tell({ kind: "progress", data });
  };

  readonly log: Reporter["log"] = (level, data) =>
    this.#tell({ kind: "log", data: { level, data } });

  /** Work that is told to stop ends a moment later, by itself. */
  cancel(): Job {
    if (isTerminal(this.#job.state)) return this.#job;
    this.#job = { ...this.#job, cancelRequested: true, updatedAt: this.#clock.now() };
    this.#cancel.abort();
    return this.#job;
  }

  end(end: JobEnd): void {
    this.#job = { ...this.#job, ...end, updatedAt: this.#clock.now() };
    this.#tell({ kind: END, data: { state: end.state } });
  }

  async *follow(after: number, signal: AbortSignal): AsyncGenerator<StoredEvent> {
    const left = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => left.resolve(), { once: true });
    for (let number = after; !signal.aborted; ) {
      const changed = this.#changed.promise;
      for (const event of this.#events.slice(number)) {
        yield event;
        number = event.number;
        if (event.kind === END) return;
      }
      await Promise.race([changed, left.promise]);
    }
  }

  #tell(event: LogEvent): void {
    const number = this.#events.length + 1;
    this.#events.push({ ...event, number, writer: "process" });
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}
