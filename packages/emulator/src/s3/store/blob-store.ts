import { randomUUID } from "node:crypto";
import {
  closeSync,
  createReadStream,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { StreamedBody } from "../reply.ts";
import { BlobWriter } from "./blob-writer.ts";
import { SmallBlobs } from "./small-blobs.ts";

/** A stretch of bytes of a blob; `start` inclusive. */
export interface BlobSlice {
  readonly blob: string;
  readonly start: number;
  readonly bytes: number;
}

/** Up to this size bytes are read in one call: no round trip to the thread pool. */
const AT_ONCE_BYTES = 64 * 1024;
const READ_BYTES = 256 * 1024;
/** First letters of the id of a blob in the database; the others are files. */
const SMALL = "small-";

/**
 * Immutable blobs, each written once under a fresh id: small ones in the database, the others as files. An
 * id means nothing until the index refers to it, so a half-written blob is only an orphan, swept at the
 * next start. A blob that is being read is kept until its last reader is done, whoever removed it.
 */
export class BlobStore {
  readonly #dir: string;
  readonly #small: SmallBlobs;
  readonly #readers = new Map<string, number>();
  readonly #doomed = new Set<string>();

  constructor(dir: string, database: DatabaseSync) {
    this.#dir = dir;
    this.#small = new SmallBlobs(database);
    mkdirSync(dir, { recursive: true });
  }

  create(): BlobWriter {
    const id = randomUUID();
    return new BlobWriter(id, this.#path(id), (data) => {
      this.#small.put(SMALL + id, data);
      return SMALL + id;
    });
  }

  /** A second name for the same bytes, with a life of its own. */
  link(blob: string): string {
    const id = randomUUID();
    if (blob.startsWith(SMALL)) {
      this.#small.copy(blob, SMALL + id);
      return SMALL + id;
    }
    linkSync(this.#path(blob), this.#path(id));
    return id;
  }

  /** The bytes of the slices, at once when they are few; the blobs stay until the body is released. */
  read(slices: readonly BlobSlice[]): Buffer | StreamedBody {
    const bytes = slices.reduce((sum, slice) => sum + slice.bytes, 0);
    if (bytes <= AT_ONCE_BYTES) {
      const [first = Buffer.alloc(0), ...rest] = slices.map((slice) => this.#readAtOnce(slice));
      return rest.length === 0 ? first : Buffer.concat([first, ...rest]);
    }
    for (const { blob } of slices) this.#readers.set(blob, (this.#readers.get(blob) ?? 0) + 1);
    return {
      bytes,
      chunks: () => this.#chunks(slices),
      release: () => {
        for (const { blob } of slices) this.#leave(blob);
      },
    };
  }

  remove(blobs: Iterable<string>): void {
    for (const blob of blobs) {
      if (this.#readers.has(blob)) this.#doomed.add(blob);
      else this.#delete(blob);
    }
  }

  /** Removes every blob the index does not refer to; only before anything is written. Returns how many. */
  sweep(known: ReadonlySet<string>): number {
    const blobs = [...readdirSync(this.#dir), ...this.#small.ids()];
    const orphans = blobs.filter((blob) => !known.has(blob));
    this.remove(orphans);
    return orphans.length;
  }

  #path(blob: string): string {
    return join(this.#dir, blob);
  }

  #readAtOnce({ blob, start, bytes }: BlobSlice): Buffer {
    if (blob.startsWith(SMALL)) return this.#small.get(blob).subarray(start, start + bytes);
    const file = openSync(this.#path(blob), "r");
    try {
      const data = Buffer.allocUnsafe(bytes);
      const read = readSync(file, data, 0, bytes, start);
      if (read !== bytes) throw new Error(`Blob ${blob} ends before byte ${start + bytes}.`);
      return data;
    } finally {
      closeSync(file);
    }
  }

  async *#chunks(slices: readonly BlobSlice[]): AsyncGenerator<Buffer> {
    for (const slice of slices) {
      const { blob, start, bytes } = slice;
      if (blob.startsWith(SMALL)) {
        yield this.#readAtOnce(slice);
        continue;
      }
      const range = { start, end: start + bytes - 1, highWaterMark: READ_BYTES };
      yield* createReadStream(this.#path(blob), range) as AsyncIterable<Buffer>;
    }
  }

  #leave(blob: string): void {
    const left = (this.#readers.get(blob) ?? 1) - 1;
    if (left > 0) {
      this.#readers.set(blob, left);
      return;
    }
    this.#readers.delete(blob);
    if (this.#doomed.delete(blob)) this.#delete(blob);
  }

  #delete(blob: string): void {
    if (blob.startsWith(SMALL)) this.#small.delete(blob);
    else rmSync(this.#path(blob), { force: true });
  }
}
