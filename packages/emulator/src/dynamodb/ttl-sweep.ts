import type { EmulatorClock } from "../clock.ts";
import { describeTable, listTables, ttlAttributeOf } from "./tables.ts";
import { RefusedError, type Upstream } from "./upstream.ts";

type Item = Readonly<Record<string, unknown>>;

interface Page {
  readonly Items: readonly Item[];
  readonly LastEvaluatedKey?: Item;
}

/** Items that expired more than five years ago are left alone ("Using time to live", developer guide). */
const OLDEST_SECONDS = 5 * 365 * 86_400;

/**
 * Deletes expired items late, as DynamoDB does: those of every table with TTL enabled that expired
 * `delayMs` ago or earlier on the emulator's clock. An item whose expiry was moved meanwhile stays.
 */
export class TtlSweep {
  readonly #upstream: Upstream;
  readonly #clock: EmulatorClock;
  readonly #delayMs: number;
  #last: Promise<unknown> = Promise.resolve();

  constructor(upstream: Upstream, clock: EmulatorClock, delayMs: number) {
    this.#upstream = upstream;
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  /** One sweep after the one under way, if any; gives the number of items deleted. @throws UpstreamError */
  run(): Promise<number> {
    const run = this.#last.then(() => this.#sweep());
    this.#last = run.catch(() => undefined);
    return run;
  }

  /** Resolves when nothing is being swept. */
  async settled(): Promise<void> {
    await this.#last;
  }

  async #sweep(): Promise<number> {
    let deleted = 0;
    for (const table of await listTables(this.#upstream)) {
      try {
        const attribute = await ttlAttributeOf(this.#upstream, table);
        if (attribute !== undefined) deleted += await this.#sweepTable(table, attribute);
      } catch (cause) {
        // The table was deleted while it was swept.
        const gone = cause instanceof RefusedError && cause.type === "ResourceNotFoundException";
        if (!gone) throw cause;
      }
    }
    return deleted;
  }

  async #sweepTable(table: string, attribute: string): Promise<number> {
    const { KeySchema } = await describeTable(this.#upstream, table);
    const keys = KeySchema.map((key) => key.AttributeName);
    const until = Math.floor((this.#clock.now() - this.#delayMs) / 1000);
    const condition = {
      ExpressionAttributeNames: { "#ttl": attribute },
      ExpressionAttributeValues: {
        ":until": { N: String(until) },
        ":oldest": { N: String(until - OLDEST_SECONDS) },
      },
    };
    const expired = "#ttl BETWEEN :oldest AND :until";
    let deleted = 0;
    let after: Item | undefined;
    do {
      const page: Page = await this.#upstream.call("Scan", {
        TableName: table,
        FilterExpression: expired,
        ...condition,
        ...(after === undefined ? {} : { ExclusiveStartKey: after }),
      });
      for (const item of page.Items) {
        const Key = Object.fromEntries(keys.map((name) => [name, item[name]]));
        const input = { TableName: table, Key, ConditionExpression: expired, ...condition };
        if (await this.#delete(input)) deleted += 1;
      }
      after = page.LastEvaluatedKey;
    } while (after !== undefined);
    return deleted;
  }

  async #delete(input: object): Promise<boolean> {
    try {
      await this.#upstream.call("DeleteItem", input);
      return true;
    } catch (cause) {
      if (cause instanceof RefusedError && cause.type === "ConditionalCheckFailedException") {
        return false;
      }
      throw cause;
    }
  }
}

/** Sweeps every `ms` until the timer is cleared. What breaks a sweep off is told; the next makes up for it. */
export function sweepEvery(ms: number, sweep: TtlSweep): NodeJS.Timeout {
  const timer = setInterval(() => {
    sweep.run().catch((cause: unknown) => {
      process.stderr.write(`emulator: TTL sweep: ${String(cause)}\n`);
    });
  }, ms);
  timer.unref();
  return timer;
}
