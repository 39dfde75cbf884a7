import { rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** A blob of at most this size is no file. */
const SMALL_BYTES = 64 * 1024;
const WRITE_BYTES = 256 * 1024;

/** Writes one blob; nobody can name it before `finish`. */
export class BlobWriter {
  readonly #id: string;
  readonly #path: string;
  readonly #keepSmall: (data: Buffer) => string;
  #file: FileHandle | undefined;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #bytes = 0;

  /** `keepSmall` stores a whole small blob and gives its id. */
  constructor(id: string, path: string, keepSmall: (data: Buffer) => string) {
    this.#id = id;
    this.#path = path;
    this.#keepSmall = keepSmall;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async write(data: Buffer): Promise<void> {
    this.#held.push(data);
    this.#heldBytes += data.length;
    this.#bytes += data.length;
    if (this.#heldBytes >= WRITE_BYTES) await this.#flush();
  }

  /** The id of the blob, whose bytes are now all there. */
  async finish(): Promise<string> {
    if (this.#file === undefined && this.#bytes <= SMALL_BYTES) {
      return this.#keepSmall(Buffer.concat(this.#held));
    }
    await this.#flush();
    await this.#close();
    return this.#id;
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
