import type { Clock } from "../lib/clock.ts";
import type { EventLog, LogEvent, StoredEvent, StreamKey } from "../log/event-log.ts";

interface Batch {
  readonly at: number;
  readonly writer: string;
  readonly expiresAt: number;
  readonly events: readonly LogEvent[];
}

/** Characters of JSON one read returns at most, as the port says ("about 1 MB"). */
const PAGE = 1_000_000;

/** EventLog in this process's memory. */
export class MemoryEventLog implements EventLog {
  readonly #streams = new Map<string, Batch[]>();
  readonly #clock: Pick<Clock, "now">;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  append(
    stream: StreamKey,
    at: number,
    writer: string,
    events: readonly LogEvent[],
  ): Promise<"appended" | "taken"> {
    const batches = this.#live(stream);
    const same = batches.find((batch) => batch.at === at);
    if (same) {
      const repeated = same.writer === writer && same.events.length === events.length;
      return Promise.resolve(repeated ? "appended" : "taken");
    }
    const last = batches.at(-1);
    const next = last ? last.at + last.events.length : 1;
    if (at < next) return Promise.resolve("taken");
    if (at > next)
      return Promise.reject(new Error(`The stream ends before ${at}: ${next} is next.`));
    const copy = structuredClone(events);
    this.#streams.set(name(stream), [
      ...batches,
      { at, writer, expiresAt: stream.expiresAt, events: copy },
    ]);
    return Promise.resolve("appended");
  }

  readAfter(stream: StreamKey, after: number): Promise<readonly StoredEvent[]> {
    const page: StoredEvent[] = [];
    let size = 0;
    for (const batch of this.#live(stream)) {
      for (const [index, event] of batch.events.entries()) {
        if (batch.at + index <= after) continue;
        size += JSON.stringify(event).length;
        if (size > PAGE && page.length > 0) return Promise.resolve(page);
        page.push({ ...event, number: batch.at + index, writer: batch.writer });
      }
    }
    return Promise.resolve(page);
  }

  #live(stream: StreamKey): readonly Batch[] {
    const batches = this.#streams.get(name(stream)) ?? [];
    return batches.filter((batch) => batch.expiresAt > this.#clock.now());
  }
}

function name({ tenant, stream }: StreamKey): string {
  return JSON.stringify([tenant, stream]);
}
