import {
  type Clock,
  type EventLog,
  type LogEvent,
  RefusedError,
  type StoredEvent,
  type StreamKey,
} from "@zenode/core";
import type { DynamoTable } from "./dynamo-table.ts";
import { type ItemKey, numberKey, partition, toTtl } from "./key.ts";
import { LargeText, storedText, textAttribute } from "./large-text.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { type Attributes, isOver, StoredItem } from "./stored-item.ts";

export interface DynamoEventLogOptions {
  readonly table: DynamoTable;
  readonly clock: Pick<Clock, "now">;
  /** Where batches over 300 KB go; without it they are refused with `too_large`. */
  readonly bucket?: S3Bucket;
}

/** Streams whose last seen end is remembered. */
const REMEMBERED = 500;

/**
 * One item per batch, sort key = the number of its first event. Writers with the same tail always
 * ask for the same key, whatever they append, so exactly one of them gets it; and since batches
 * leave no gaps, each writer's `at` is the first number of a batch or free.
 */
export class DynamoEventLog implements EventLog {
  readonly #table: DynamoTable;
  readonly #clock: Pick<Clock, "now">;
  readonly #texts: LargeText;
  /** Numbers known to end a batch, by partition: a tail that goes on there needs one query. */
  readonly #ends = new Map<string, number>();

  constructor({ table, clock, bucket }: DynamoEventLogOptions) {
    this.#table = table;
    this.#clock = clock;
    this.#texts = new LargeText(bucket);
  }

  async append(
    stream: StreamKey,
    at: number,
    writer: string,
    events: readonly LogEvent[],
  ): Promise<"appended" | "taken"> {
    if (events.length === 0) return "appended";
    const key = batchKey(stream, at);
    const text = JSON.stringify(events.map(({ kind, data }) => [kind, data]));
    const stored = await this.#texts.store(
      text,
      () => `temp/${stream.tenant}/events/${crypto.randomUUID()}.json`,
    );
    const count = events.length;
    const item = {
      ...key,
      writer,
      count,
      ...textAttribute("events", stored),
      expiresAt: toTtl(stream.expiresAt),
    };
    const result = await this.#table.put(item, {
      when: "attribute_not_exists(#pk) OR #expiresAt <= :now",
      values: { now: Math.floor(this.#clock.now() / 1000) },
    });
    const own = result.kind === "written" || isSameBatch(result.held, writer, count);
    if (!own) return "taken";
    this.#remember(key.pk, at + count - 1);
    return "appended";
  }

  async readAfter(stream: StreamKey, after: number): Promise<readonly StoredEvent[]> {
    if (stream.expiresAt <= this.#clock.now()) return [];
    const pk = partition(stream.tenant, "L", stream.stream);
    const [begun, following] = await Promise.all([
      this.#isBatchEnd(pk, after) ? [] : this.#batchWith(pk, after),
      this.#batchesFrom(pk, after + 1),
    ]);
    const batches = await Promise.all([...begun, ...following].map((item) => this.#toEvents(item)));
    const events = batches.flat().filter(({ number }) => number > after);
    const last = events.at(-1);
    if (last) this.#remember(pk, last.number);
    return events;
  }

  /** The batch that holds number `after`, of which a resuming reader may have seen a part only. */
  async #batchWith(pk: string, after: number): Promise<readonly Attributes[]> {
    const { items } = await this.#table.query({
      pk,
      range: "#sk <= :after",
      values: { after: numberKey(after) },
      descending: true,
      limit: 1,
    });
    return this.#alive(items);
  }

  /** One page of batches; another one only when everything in it is over. */
  async #batchesFrom(pk: string, first: number): Promise<readonly Attributes[]> {
    const query = { pk, range: "#sk >= :first", values: { first: numberKey(first) } };
    let page = await this.#table.query(query);
    while (this.#alive(page.items).length === 0 && page.next) {
      page = await this.#table.query({ ...query, start: page.next });
    }
    return this.#alive(page.items);
  }

  #alive(items: readonly Attributes[]): readonly Attributes[] {
    const now = this.#clock.now();
    return items.filter((item) => !isOver(item, now));
  }

  async #toEvents(attributes: Attributes): Promise<readonly StoredEvent[]> {
    const item = new StoredItem("event batch", attributes);
    const first = Number(item.text("sk"));
    const writer = item.text("writer");
    const stored = storedText(item, "events");
    const batch = stored && (await this.#texts.load("event batch", stored));
    if (!Array.isArray(batch))
      throw new RefusedError("corrupt", "A stored event batch holds no list.");
    return batch.map(([kind, data], index) => ({ number: first + index, kind, data, writer }));
  }

  #isBatchEnd(pk: string, number: number): boolean {
    return number === 0 || this.#ends.get(pk) === number;
  }

  #remember(pk: string, end: number): void {
    this.#ends.delete(pk);
    this.#ends.set(pk, end);
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > REMEMBERED && oldest !== undefined) this.#ends.delete(oldest);
  }
}

function batchKey(stream: StreamKey, first: number): ItemKey {
  return { pk: partition(stream.tenant, "L", stream.stream), sk: numberKey(first) };
}

/** A repeat: the first answer was lost, the batch is there. */
function isSameBatch(held: Attributes | undefined, writer: string, count: number): boolean {
  return held?.writer === writer && held.count === count;
}
