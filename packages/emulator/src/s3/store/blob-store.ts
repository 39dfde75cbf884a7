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
  writeFileSync,
} from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { StreamedBody } from "../reply.ts";

/** A stretch of bytes of a blob; `start` inclusive. */
export interface BlobSlice {
  readonly blob: string;
  readonly start: number;
  readonly bytes: number;
}

/** Up to this size a blob is written and read in one call: no round trip to the thread pool. */
const SMALL_BYTES = 64 * 1024;
const WRITE_BYTES = 256 * 1024;

/**
 * Immutable files, each written once under a fresh id. An id means nothing until the index refers to it,
 * so a half-written blob is only an orphan, swept at the next start. A blob that is being read is kept
 * until its last reader is done, whoever removed it.
 */
export class BlobStore {
  readonly #dir: string;
  readonly #readers = new Map<string, number>();
  readonly #doomed = new Set<string>();

  constructor(dir: string) {
    this.#dir = dir;
    mkdirSync(dir, { recursive: true });
  }

  create(): BlobWriter {
    const id = randomUUID();
    return new BlobWriter(id, join(this.#dir, id));
  }

  /** A second name for the same bytes, with a life of its own. */
  link(blob: string): string {
    const id = randomUUID();
    linkSync(join(this.#dir, blob), join(this.#dir, id));
    return id;
  }

  /** The bytes of the slices, at once when they are few; the blobs stay until the body is released. */
  read(slices: readonly BlobSlice[]): Buffer | StreamedBody {
    const bytes = slices.reduce((sum, slice) => sum + slice.bytes, 0);
    const [only] = slices;
    if (only === undefined || bytes === 0) return Buffer.alloc(0);
    if (slices.length === 1 && bytes <= SMALL_BYTES) return this.#readAtOnce(only);
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
      else rmSync(join(this.#dir, blob), { force: true });
    }
  }

  /** Removes every blob the index does not refer to; only before anything is written. Returns how many. */
  sweep(known: ReadonlySet<string>): number {
    const orphans = readdirSync(this.#dir).filter((blob) => !known.has(blob));
    this.remove(orphans);
    return orphans.length;
  }

  #readAtOnce({ blob, start, bytes }: BlobSlice): Buffer {
    const file = openSync(join(this.#dir, blob), "r");
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
    for (const { blob, start, bytes } of slices) {
      if (bytes === 0) continue;
      yield* createReadStream(join(this.#dir, blob), {
        start,
        end: start + bytes - 1,
        highWaterMark: WRITE_BYTES,
      }) as AsyncIterable<Buffer>;
    }
  }

  #leave(blob: string): void {
    const left = (this.#readers.get(blob) ?? 1) - 1;
    if (left > 0) {
      this.#readers.set(blob, left);
      return;
    }
    this.#readers.delete(blob);
    if (this.#doomed.delete(blob)) rmSync(join(this.#dir, blob), { force: true });
  }
}

/** Writes one blob; it is there for readers once `finish` has resolved. */
export class BlobWriter {
  readonly id: string;
  readonly #path: string;
  #file: FileHandle | undefined;
  #held: Buffer[] = [];
  #heldBytes = 0;
  bytes = 0;

  constructor(id: string, path: string) {
    this.id = id;
    this.#path = path;
  }

  async write(data: Buffer): Promise<void> {
    this.#held.push(data);
    this.#heldBytes += data.length;
    this.bytes += data.length;
    if (this.#heldBytes >= WRITE_BYTES) await this.#flush();
  }

  async finish(): Promise<void> {
    if (this.#file === undefined && this.bytes <= SMALL_BYTES) {
      writeFileSync(this.#path, Buffer.concat(this.#held));
      return;
    }
    await this.#flush();
    await this.#close();
  }

  async discard(): Promise<void> {
    await this.#close();
    rmSync(this.#path, { force: true });
  }

  async #flush(): Promise<void> {
    this.#file ??= await open(this.#path, "wx");
    const data = Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    if (data.length > 0) await this.#file.writeFile(data);
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}
