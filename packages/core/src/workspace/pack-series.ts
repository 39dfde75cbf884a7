import type { Codec } from "./codec.ts";
import { PACK_BYTES } from "./limits.ts";
import { PackWriter, type WrittenPack } from "./pack-writer.ts";
import type { BlobReference } from "./tree.ts";

type Store = (pack: WrittenPack) => Promise<void>;

/**
 * Fills packs one after the other; a full one is stored while the next is filled, in their order. So two are in memory at
 * most. When filling or storing fails, nothing goes on behind the caller's back.
 */
export async function fillPacks(
  codec: Codec,
  store: Store,
  fill: (packs: PackSeries) => Promise<void>,
): Promise<void> {
  const packs = new PackSeries(codec, store);
  try {
    await fill(packs);
    await packs.end();
  } finally {
    await packs.settle();
  }
}

export class PackSeries {
  readonly #codec: Codec;
  readonly #store: Store;
  #writer: PackWriter;
  #storing: Promise<void> = Promise.resolve();

  constructor(codec: Codec, store: Store) {
    this.#codec = codec;
    this.#store = store;
    this.#writer = new PackWriter(codec);
  }

  /** As `PackWriter.add`; waits while the pack before the one that is full is stored. */
  async add(blob: string, content: Uint8Array, kind: "file" | "tree"): Promise<void> {
    if (this.#writer.blobs > 0 && this.#writer.bytes + content.length > PACK_BYTES) {
      await this.#storeFull();
    }
    await this.#writer.add(blob, content, kind);
  }

  /** As `PackWriter.addChunked`, after the chunks. */
  addChunked(blob: string, chunks: readonly BlobReference[]): void {
    this.#writer.addChunked(blob, chunks);
  }

  /** Stores what is left, if there is something, and waits for all. */
  async end(): Promise<void> {
    if (this.#writer.blobs > 0) await this.#storeFull();
    await this.#storing;
  }

  /** Waits for what is under way, however it ends. */
  async settle(): Promise<void> {
    await Promise.allSettled([this.#storing, this.#writer.settle()]);
  }

  async #storeFull(): Promise<void> {
    const full = await this.#writer.finish();
    this.#writer = new PackWriter(this.#codec);
    await this.#storing;
    this.#storing = this.#store(full);
    // Told to who waits for it next.
    this.#storing.catch(() => undefined);
  }
}
