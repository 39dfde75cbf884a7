import { MIB } from "../lib/bytes.ts";
import { Lru } from "./lru.ts";
import type { PackIndex } from "./pack-index.ts";
import type { TreeEntry } from "./tree.ts";

/** What readers keep of immutable objects. Keys begin with the tenant: nothing is shared across tenants. */
export interface ReaderCaches {
  readonly indexes: Lru<Promise<PackIndex>>;
  /** Frames, inflated. */
  readonly frames: Lru<Uint8Array>;
  /** Ids of the blobs in an inflated frame whose hash was checked: it stays what it is while it is kept. */
  readonly checked: WeakMap<Uint8Array, Set<string>>;
  /** Trees whose hash was checked, decoded. */
  readonly trees: Lru<readonly TreeEntry[]>;
}

export function makeReaderCaches(maxBytes: number): ReaderCaches {
  return {
    indexes: new Lru(maxBytes / 4),
    frames: new Lru(maxBytes / 2),
    checked: new WeakMap(),
    trees: new Lru(maxBytes / 4),
  };
}

/** A warm process answers the next call from these; small beside a Lambda's memory. */
export const processCaches = makeReaderCaches(96 * MIB);
