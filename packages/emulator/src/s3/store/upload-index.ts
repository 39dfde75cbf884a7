import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ChecksumAlgorithm, Checksums, ChecksumType } from "../body/checksum.ts";
import type { ObjectPart } from "./object-index.ts";

/** A multipart upload under way: what its object will have. */
export interface UploadDetail {
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly (readonly [string, string])[];
  readonly algorithm: ChecksumAlgorithm;
  readonly checksumType: ChecksumType;
  /** The client named the algorithm: a composite sum then needs every part's sum at completion. */
  readonly checksumAsked: boolean;
}

export interface Upload extends UploadDetail {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly initiated: number;
}

export interface UploadedPart extends ObjectPart {
  readonly number: number;
  /** MD5 in hex. */
  readonly etag: string;
  readonly modified: number;
  readonly checksums: Checksums;
}

interface UploadRow {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiated: number;
  readonly detail: string;
}

interface PartRow extends Omit<UploadedPart, "checksums"> {
  readonly upload: string;
  readonly checksums: string;
}

export class UploadIndex {
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #list: StatementSync;
  readonly #parts: StatementSync;
  readonly #part: StatementSync;
  readonly #putPart: StatementSync;
  readonly #deleteParts: StatementSync;
  readonly #blobs: StatementSync;

  constructor(database: DatabaseSync) {
    this.#get = database.prepare("SELECT * FROM upload WHERE id = ? AND bucket = ? AND key = ?");
    this.#put = database.prepare("INSERT INTO upload VALUES (?, ?, ?, ?, ?)");
    this.#delete = database.prepare("DELETE FROM upload WHERE id = ?");
    this.#list = database.prepare(
      "SELECT * FROM upload WHERE bucket = ? AND (key, id) > (?, ?) ORDER BY key, id LIMIT ?",
    );
    this.#parts = database.prepare("SELECT * FROM part WHERE upload = ? ORDER BY number");
    this.#part = database.prepare("SELECT * FROM part WHERE upload = ? AND number = ?");
    this.#putPart = database.prepare("INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?, ?, ?, ?)");
    this.#deleteParts = database.prepare("DELETE FROM part WHERE upload = ?");
    this.#blobs = database.prepare("SELECT blob FROM part");
  }

  get(id: string, bucket: string, key: string): Upload | undefined {
    const row = this.#get.get(id, bucket, key) as unknown as UploadRow | undefined;
    return row === undefined ? undefined : toUpload(row);
  }

  put(upload: Upload): void {
    const { id, bucket, key, initiated, ...detail } = upload;
    this.#put.run(id, bucket, key, initiated, JSON.stringify(detail));
  }

  /** Deletes the upload and its parts. */
  delete(id: string): void {
    this.#deleteParts.run(id);
    this.#delete.run(id);
  }

  /** At most `limit` (-1: all) uploads after the one of `key` and `id`, in that order. */
  listAfter(
    bucket: string,
    after: { readonly key: string; readonly id: string },
    limit: number,
  ): Upload[] {
    const rows = this.#list.all(bucket, after.key, after.id, limit) as unknown as UploadRow[];
    return rows.map(toUpload);
  }

  /** In the order of their numbers. */
  parts(upload: string): UploadedPart[] {
    const rows = this.#parts.all(upload) as unknown as PartRow[];
    return rows.map(toPart);
  }

  part(upload: string, number: number): UploadedPart | undefined {
    const row = this.#part.get(upload, number) as unknown as PartRow | undefined;
    return row === undefined ? undefined : toPart(row);
  }

  putPart(upload: string, part: UploadedPart): void {
    const { number, blob, bytes, etag, modified, checksums } = part;
    this.#putPart.run(upload, number, blob, bytes, etag, modified, JSON.stringify(checksums));
  }

  *blobs(): Generator<string> {
    for (const row of this.#blobs.iterate()) yield String(row.blob);
  }
}

function toUpload({ id, bucket, key, initiated, detail }: UploadRow): Upload {
  return { id, bucket, key, initiated, ...(JSON.parse(detail) as UploadDetail) };
}

function toPart({ number, blob, bytes, etag, modified, checksums }: PartRow): UploadedPart {
  return { number, blob, bytes, etag, modified, checksums: JSON.parse(checksums) as Checksums };
}
