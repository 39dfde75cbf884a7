import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ChecksumAlgorithm, Checksums, ChecksumType } from "../body/checksum.ts";

/** A stretch of an object: the whole of a PUT, or one part of a multipart upload. */
export interface ObjectPart {
  readonly blob: string;
  readonly bytes: number;
}

/** What a client gave with an object and gets back with it. */
export interface ObjectDetail {
  /** `content-type`, `cache-control`, `content-disposition`, `content-encoding`, `content-language`, `expires`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names without `x-amz-meta-`, in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly (readonly [string, string])[];
  readonly checksums: Checksums;
  readonly checksumType: ChecksumType;
}

export interface StoredObject extends ObjectDetail {
  readonly bucket: string;
  readonly key: string;
  readonly bytes: number;
  /** Without quotes: the MD5 in hex, or `<md5 of md5s>-<parts>`. */
  readonly etag: string;
  /** Milliseconds since the epoch. */
  readonly modified: number;
  readonly parts: readonly ObjectPart[];
}

/** What a listing shows. */
export type ListedObject = Pick<StoredObject, "key" | "bytes" | "etag" | "modified"> & {
  readonly algorithms: readonly ChecksumAlgorithm[];
};

interface ObjectRow {
  readonly bucket: string;
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
  readonly modified: number;
  readonly detail: string;
  readonly parts: string;
}

/** The objects by bucket and key. Callers remove the blobs of what they replace or delete. */
export class ObjectIndex {
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #from: StatementSync;
  readonly #aged: StatementSync;
  readonly #all: StatementSync;

  constructor(database: DatabaseSync) {
    this.#get = database.prepare("SELECT * FROM object WHERE bucket = ? AND key = ?");
    this.#put = database.prepare("INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?, ?, ?, ?)");
    this.#delete = database.prepare("DELETE FROM object WHERE bucket = ? AND key = ?");
    this.#from = database.prepare(
      "SELECT key, bytes, etag, modified, detail FROM object WHERE bucket = ? AND key >= ? ORDER BY key LIMIT ?",
    );
    this.#aged = database.prepare(
      "SELECT key FROM object WHERE bucket = ? AND key >= ? AND modified <= ? AND substr(key, 1, ?) = ?",
    );
    this.#all = database.prepare("SELECT parts FROM object");
  }

  get(bucket: string, key: string): StoredObject | undefined {
    const row = this.#get.get(bucket, key) as unknown as ObjectRow | undefined;
    if (row === undefined) return undefined;
    const { detail, parts, ...rest } = row;
    return {
      ...rest,
      ...(JSON.parse(detail) as ObjectDetail),
      parts: JSON.parse(parts) as ObjectPart[],
    };
  }

  put(object: StoredObject): void {
    const { bucket, key, bytes, etag, modified, parts } = object;
    const { headers, metadata, tags, checksums, checksumType } = object;
    const detail: ObjectDetail = { headers, metadata, tags, checksums, checksumType };
    this.#put.run(
      bucket,
      key,
      bytes,
      etag,
      modified,
      JSON.stringify(detail),
      JSON.stringify(parts),
    );
  }

  delete(bucket: string, key: string): void {
    this.#delete.run(bucket, key);
  }

  /** At most `limit` (-1: all) objects whose key is `from` or after it, in the order of UTF-8 bytes, read as asked for. */
  *listFrom(bucket: string, from: string, limit: number): Generator<ListedObject> {
    for (const row of this.#from.iterate(bucket, from, limit)) {
      const { key, bytes, etag, modified, detail } = row as unknown as ObjectRow;
      const { checksums } = JSON.parse(detail) as ObjectDetail;
      yield {
        key,
        bytes,
        etag,
        modified,
        algorithms: Object.keys(checksums) as ChecksumAlgorithm[],
      };
    }
  }

  /** Keys under `prefix` last written at `until` (ms since the epoch) or before. */
  keysWrittenUntil(bucket: string, prefix: string, until: number): string[] {
    // SQLite counts the characters of substr in code points, not in UTF-16 units.
    const length = [...prefix].length;
    const rows = this.#aged.all(bucket, prefix, until, length, prefix) as unknown as {
      key: string;
    }[];
    return rows.map(({ key }) => key);
  }

  *blobs(): Generator<string> {
    for (const row of this.#all.iterate()) {
      for (const part of JSON.parse(String(row.parts)) as ObjectPart[]) yield part.blob;
    }
  }
}
