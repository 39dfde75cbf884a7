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
  /**
   * For a reader that comes when much is stored already: makes less of what is there at its first look.
   * Keeps the order and the END event; given its own answer with more behind it, until all is read.
   */
  readonly catchUp?: ((events: readonly StoredEvent[]) => readonly StoredEvent[]) | undefined;
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
  const stored = await readStored(log, stream, options);
  yield* stored.events;
  if (stored.events.at(-1)?.kind === END) return;
  let { last } = stored;
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

/** What is stored when a tail begins, made less of; nothing where all of it is to be passed on. */
async function readStored(
  log: EventLog,
  stream: StreamKey,
  { after, catchUp, signal }: TailOptions & { readonly after: number },
): Promise<{ readonly events: readonly StoredEvent[]; readonly last: number }> {
  let events: readonly StoredEvent[] = [];
  let last = after;
  while (catchUp && !signal.aborted) {
    const page = await log.readAfter(stream, last);
    const newest = page.at(-1);
    if (!newest) break;
    events = catchUp([...events, ...page]);
    last = newest.number;
    if (newest.kind === END) break;
  }
  return { events, last };
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
