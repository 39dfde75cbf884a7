import { setTimeout as delay } from "node:timers/promises";
import type { Item, Row, Value } from "../model/history.ts";

const PAUSE_MS = 50;

type Typed = Readonly<Record<string, unknown>>;
type TypedItem = Readonly<Record<string, Typed>>;

interface StreamRecord {
  readonly dynamodb: {
    readonly SequenceNumber: string;
    readonly Keys: { readonly pk: { readonly S: string }; readonly sk: { readonly S: string } };
    readonly OldImage?: TypedItem;
    readonly NewImage?: TypedItem;
  };
}

/**
 * Every write of the table, by DynamoDB Streams: the table's own account, in its own order, with the item
 * before and after. Nothing of the code under test has a hand in it.
 */
export class TableHistory {
  readonly #endpoint: string;
  readonly #rows: Row[] = [];
  readonly #closed = new AbortController();
  #iterator = "";
  #reading: Promise<void> = Promise.resolve();
  #reads = 0;

  private constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  static async start(endpoint: string, table: string): Promise<TableHistory> {
    const history = new TableHistory(endpoint);
    await history.#open(table);
    history.#reading = history.#follow();
    return history;
  }

  /** Everything read so far, in order. */
  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** Everything written before this was called has been read when it returns. */
  async caughtUp(): Promise<void> {
    const enough = this.#reads + 2;
    while (this.#reads < enough && !this.#closed.signal.aborted) await delay(PAUSE_MS / 2);
  }

  /** Forgets rows that nobody will ask for again. */
  forget(isDone: (row: Row) => boolean): void {
    const kept = this.#rows.filter((row) => !isDone(row));
    this.#rows.splice(0, this.#rows.length, ...kept);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#reading;
  }

  async #open(table: string): Promise<void> {
    const StreamSpecification = { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" };
    const updated = await this.#send<{ TableDescription: { LatestStreamArn: string } }>(
      "DynamoDB_20120810.UpdateTable",
      { TableName: table, StreamSpecification },
    );
    const StreamArn = updated.TableDescription.LatestStreamArn;
    const described = await this.#send<{ StreamDescription: { Shards: { ShardId: string }[] } }>(
      "DynamoDBStreams_20120810.DescribeStream",
      { StreamArn },
    );
    const [shard] = described.StreamDescription.Shards;
    const { ShardIterator } = await this.#send<{ ShardIterator: string }>(
      "DynamoDBStreams_20120810.GetShardIterator",
      { StreamArn, ShardId: shard?.ShardId, ShardIteratorType: "TRIM_HORIZON" },
    );
    this.#iterator = ShardIterator;
  }

  async #follow(): Promise<void> {
    while (!this.#closed.signal.aborted) {
      const page = await this.#send<{ Records: StreamRecord[]; NextShardIterator: string }>(
        "DynamoDBStreams_20120810.GetRecords",
        { ShardIterator: this.#iterator },
      );
      this.#iterator = page.NextShardIterator;
      this.#rows.push(...page.Records.map(toRow));
      if (page.Records.length > 0) continue;
      this.#reads += 1;
      await delay(PAUSE_MS);
    }
  }

  /** Faults hit whoever asks, the observer too: it asks again. */
  async #send<Output>(target: string, input: object): Promise<Output> {
    for (;;) {
      const answer = await this.#try(target, input);
      if (answer !== undefined) return answer as Output;
      await delay(PAUSE_MS / 5);
    }
  }

  /** Undefined: a fault. @throws Error for what asking again would not change. */
  async #try(target: string, input: object): Promise<unknown> {
    const date = new Date().toISOString().replace(/[:-]|\.\d+/g, "");
    const scope = `OBSERVER/${date.slice(0, 8)}/us-east-1/dynamodb/aws4_request`;
    const headers = {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": target,
      "x-amz-date": date,
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date;x-amz-target, Signature=${"0".repeat(64)}`,
    };
    try {
      const body = JSON.stringify(input);
      const response = await fetch(this.#endpoint, { method: "POST", headers, body });
      const answer = (await response.json()) as { __type?: string };
      if (response.status === 200) return answer;
      const passes = response.status >= 500 || String(answer.__type).includes("Throughput");
      if (passes) return undefined;
      throw new Error(`${target}: ${JSON.stringify(answer)}`);
    } catch (cause) {
      if (cause instanceof TypeError || cause instanceof SyntaxError) return undefined;
      throw cause;
    }
  }
}

function toRow({ dynamodb: { SequenceNumber, Keys, OldImage, NewImage } }: StreamRecord): Row {
  return {
    sequence: Number(SequenceNumber),
    at: Date.now(),
    pk: Keys.pk.S,
    sk: Keys.sk.S,
    ...(OldImage && { old: toItem(OldImage) }),
    ...(NewImage && { now: toItem(NewImage) }),
  };
}

function toItem(item: TypedItem): Item {
  return Object.fromEntries(Object.entries(item).map(([name, typed]) => [name, toValue(typed)]));
}

function toValue(typed: Typed): Value {
  const [[type, value] = ["NULL", null]] = Object.entries(typed);
  switch (type) {
    case "N":
      return Number(value);
    case "NULL":
      return null;
    case "M":
      return { ...toItem(value as TypedItem) };
    case "L":
      return (value as Typed[]).map(toValue);
    default:
      return value as Value;
  }
}
