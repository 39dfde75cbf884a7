import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { type LaterContent, MIB } from "@zenode/core";

/** Contents gather in memory until they are worth a write. */
const WRITE_BYTES = MIB;

/** Contents one after the other in one file of the worker's own: no name from outside is a name on its disk. */
export class Spool {
  readonly #file: FileHandle;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #written = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @throws Error when there is something at `path`. */
  static async create(path: string): Promise<Spool> {
    return new Spool(await open(path, "wx+", 0o600));
  }

  /** Undefined: it has over `maxBytes`; it was read to its end all the same. */
  async add(
    content: AsyncIterable<Uint8Array>,
    maxBytes: number,
  ): Promise<LaterContent | undefined> {
    const start = this.#written + this.#pendingBytes;
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const chunk of content) {
      bytes += chunk.length;
      if (bytes > maxBytes) continue;
      hash.update(chunk);
      await this.#append(chunk);
    }
    if (bytes > maxBytes) return undefined;
    return { blob: hash.digest("hex"), bytes, read: () => this.#read(start, bytes) };
  }

  /** Contents can't be read any more. */
  async close(): Promise<void> {
    await this.#file.close();
  }

  async #append(chunk: Uint8Array): Promise<void> {
    // It may be a part of a buffer that its maker goes on using.
    this.#pending.push(chunk.slice());
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes >= WRITE_BYTES) await this.#flush();
  }

  async #flush(): Promise<void> {
    const all = Buffer.concat(this.#pending);
    for (let at = 0; at < all.length; ) {
      const { bytesWritten } = await this.#file.write(all, at, all.length - at, this.#written + at);
      at += bytesWritten;
    }
    this.#written += all.length;
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  async #read(start: number, bytes: number): Promise<Uint8Array> {
    if (this.#pendingBytes > 0) await this.#flush();
    const content = new Uint8Array(bytes);
    for (let at = 0; at < bytes; ) {
      const { bytesRead } = await this.#file.read(content, at, bytes - at, start + at);
      if (bytesRead === 0) throw new Error("The worker's own file of contents was cut.");
      at += bytesRead;
    }
    return content;
  }
}
