import { MIB } from "../lib/bytes.ts";

/** Together; what is more is read a second time. */
const KEPT_BYTES = 64 * MIB;

/** Takes what was read to be hashed, file by file in their order. */
export interface ReadContents {
  /** `blob` must be the content's id. */
  keep(blob: string, content: Uint8Array): void | Promise<void>;
}

/** Contents that were read to be hashed, until they are packed: so most files are read once. */
export class KeptContents implements ReadContents {
  readonly #contents = new Map<string, Uint8Array>();
  #left = KEPT_BYTES;

  keep(blob: string, content: Uint8Array): void {
    if (content.length > this.#left || this.#contents.has(blob)) return;
    this.#contents.set(blob, content);
    this.#left -= content.length;
  }

  /** Gives it away: what is asked for again is read again. */
  take(blob: string): Uint8Array | undefined {
    const content = this.#contents.get(blob);
    if (this.#contents.delete(blob)) this.#left += content?.length ?? 0;
    return content;
  }
}
