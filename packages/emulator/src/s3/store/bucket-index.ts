import type { DatabaseSync, StatementSync } from "node:sqlite";

/** One rule of a bucket's CORS configuration. */
export interface CorsRule {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposed: readonly string[];
  readonly maxAgeSeconds?: number;
}

export interface Bucket {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly cors?: readonly CorsRule[];
}

interface BucketRow {
  readonly name: string;
  readonly created: number;
  readonly cors: string | null;
}

/** The buckets; few, so they are held in memory beside their rows. */
export class BucketIndex {
  readonly #buckets = new Map<string, Bucket>();
  readonly #put: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: DatabaseSync) {
    this.#put = database.prepare("INSERT OR REPLACE INTO bucket VALUES (?, ?, ?)");
    this.#delete = database.prepare("DELETE FROM bucket WHERE name = ?");
    const rows = database.prepare("SELECT * FROM bucket").all() as unknown as BucketRow[];
    for (const { name, created, cors } of rows) {
      const rules = cors === null ? {} : { cors: JSON.parse(cors) as CorsRule[] };
      this.#buckets.set(name, { name, created, ...rules });
    }
  }

  get(name: string): Bucket | undefined {
    return this.#buckets.get(name);
  }

  /** All of them in the order of their names. */
  list(): Bucket[] {
    return [...this.#buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  put(bucket: Bucket): void {
    const cors = bucket.cors === undefined ? null : JSON.stringify(bucket.cors);
    this.#put.run(bucket.name, bucket.created, cors);
    this.#buckets.set(bucket.name, bucket);
  }

  delete(name: string): void {
    this.#delete.run(name);
    this.#buckets.delete(name);
  }
}
