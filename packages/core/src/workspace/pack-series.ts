import type { Codec } from "./codec.ts";
import { PACK_BYTES } from "./limits.ts";
import { PackWriter, type WrittenPack } from "./pack-writer.ts";

/** Fills packs one after the other; each is handed over when it is full, so that one is in memory. */
export class PackSeries {
  readonly #codec: Codec;
  readonly #store: (pack: WrittenPack) => Promise<void>;
  #writer: PackWriter;

  constructor(codec: Codec, store: (pack: WrittenPack) => Promise<void>) {
    this.#codec = codec;
    this.#store = store;
    this.#writer = new PackWriter(codec);
  }

  /** As `PackWriter.add`; waits while a full pack is handed over. */
  async add(blob: string, content: Uint8Array, kind: "file" | "tree"): Promise<void> {
    if (this.#writer.blobs > 0 && this.#writer.bytes + content.length > PACK_BYTES) {
      await this.end();
    }
    this.#writer.add(blob, content, kind);
  }

  /** Hands over what is left, if there is something. */
  async end(): Promise<void> {
    if (this.#writer.blobs === 0) return;
    const full = this.#writer.finish();
    this.#writer = new PackWriter(this.#codec);
    await this.#store(full);
  }
}
