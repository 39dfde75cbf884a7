import type { Clock } from "../lib/clock.ts";
import { SECOND } from "../lib/duration.ts";
import { END, type EventLog, type StoredEvent, type StreamKey } from "./event-log.ts";

/** How often a tail looks: soon after something came, ever less while it is quiet. */
export interface TailPace {
  readonly fastestMs: number;
  readonly slowestMs: number;
}

export const DEFAULT_PACE: TailPace = { fastestMs: 40, slowestMs: 400 };

/** Each empty read makes the next wait this much longer. */
const SLOWING = 1.25;

export interface TailOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly pace?: TailPace | undefined;
  /**
   * Asked while the stream is quiet, at most every `quietMs`: false ends the tail, for writers that
   * died without an END event.
   */
  readonly stillOpen?: () => Promise<boolean>;
  readonly quietMs?: number;
}

/**
 * The events of a stream with a number over `after`, as they come. Ends after the END event (which
 * is passed on), when the signal aborts, or when `stillOpen` says so and nothing more is stored.
 */
export async function* tail(
  log: EventLog,
  stream: StreamKey,
  options: TailOptions & { readonly after: number },
): AsyncGenerator<StoredEvent> {
  const { clock, signal, pace = DEFAULT_PACE } = options;
  const quiet = new QuietWatch(options);
  let last = options.after;
  let wait = pace.fastestMs;
  while (!signal.aborted) {
    const events = await log.readAfter(stream, last);
    yield* events;
    const newest = events.at(-1);
    if (newest?.kind === END) return;
    if (newest) {
      last = newest.number;
      wait = pace.fastestMs;
      quiet.heard();
      continue;
    }
    const state = await quiet.ask();
    if (state === "over") return;
    if (state === "closing") continue;
    await clock.sleep(wait, signal);
    wait = Math.min(wait * SLOWING, pace.slowestMs);
  }
}

/** Watches for writers that died: asks `stillOpen` now and then while nothing comes. */
class QuietWatch {
  readonly #options: TailOptions;
  #since: number;
  #closing = false;

  constructor(options: TailOptions) {
    this.#options = options;
    this.#since = options.clock.now();
  }

  heard(): void {
    this.#since = this.#options.clock.now();
  }

  /** `closing`: the writer is gone, read once more; `over`: that was done. */
  async ask(): Promise<"open" | "closing" | "over"> {
    const { clock, stillOpen, quietMs = 2 * SECOND } = this.#options;
    if (this.#closing) return "over";
    if (!stillOpen || clock.now() - this.#since < quietMs) return "open";
    this.#since = clock.now();
    this.#closing = !(await stillOpen());
    return this.#closing ? "closing" : "open";
  }
}
