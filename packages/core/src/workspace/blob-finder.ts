import { sizeOf } from "./chunked-files.ts";
import type { Pack } from "./pack.ts";
import type { BlobPlace, PackIndex } from "./pack-index.ts";
import type { BlobReference } from "./tree.ts";

export type PackIndexes = readonly (readonly [Pack, PackIndex])[];

export interface WholeBlob extends BlobPlace {
  readonly pack: Pack;
}

/** A file in chunks, each of which is there. */
export interface ChunkedBlob {
  /** Which lists the chunks. */
  readonly pack: Pack;
  readonly bytes: number;
  readonly chunks: readonly BlobReference[];
  /** In which the chunks lie. */
  readonly chunkPacks: ReadonlySet<Pack>;
}

export type LocatedBlob = WholeBlob | ChunkedBlob;

/** Finds blobs in indexes that are loaded: a commit asks for every file of a project, without a turn of the event loop for each. */
export class BlobFinder {
  readonly #indexes: PackIndexes;

  /** Those asked first come first. */
  constructor(indexes: PackIndexes) {
    this.#indexes = indexes;
  }

  /** Undefined: in none of the packs, or not all of its chunks are. */
  find(blob: string): LocatedBlob | undefined {
    for (const [pack, index] of this.#indexes) {
      const place = index.find(blob);
      if (place) return { ...place, pack };
      const chunks = index.chunked.get(blob);
      const found = chunks && this.#findChunks(chunks, pack);
      if (found) return found;
    }
    return undefined;
  }

  #findChunks(chunks: readonly BlobReference[], pack: Pack): ChunkedBlob | undefined {
    const chunkPacks = new Set<Pack>();
    for (const { blob, bytes } of chunks) {
      const place = this.#findWhole(blob);
      if (place?.bytes !== bytes) return undefined;
      chunkPacks.add(place.pack);
    }
    return { pack, bytes: sizeOf(chunks), chunks, chunkPacks };
  }

  #findWhole(blob: string): WholeBlob | undefined {
    for (const [pack, index] of this.#indexes) {
      const place = index.find(blob);
      if (place) return { ...place, pack };
    }
    return undefined;
  }
}
