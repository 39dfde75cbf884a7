import { corrupt } from "./byte-reader.ts";
import type { Codec } from "./codec.ts";
import type { FrameRun, Pack } from "./pack.ts";
import type { BlobPlace, PackIndex } from "./pack-index.ts";
import { readAhead } from "./read-ahead.ts";
import type { ReaderCaches } from "./reader-caches.ts";
import { type BlobReference, decodeTree, type TreeEntry } from "./tree.ts";

const INDEXES_AT_ONCE = 16;
const RUNS_AT_ONCE = 3;

export interface BlobReaderOptions {
  readonly tenant: string;
  /** Newest first. */
  readonly packs: readonly Pack[];
  readonly codec: Codec;
  readonly caches: ReaderCaches;
  /** Indexes are read one after the other, until a blob is found: for readers of what is new, which lies in few packs. */
  readonly newestFirst?: boolean;
}

export interface LocatedBlob extends BlobPlace {
  readonly pack: Pack;
}

/** Finds blobs in a list of packs and checks each against its hash. */
export class BlobReader {
  readonly #options: BlobReaderOptions;
  #indexes: Promise<PackIndexes> | undefined;

  constructor(options: BlobReaderOptions) {
    this.#options = options;
  }

  /** Undefined: in none of the packs. */
  async find(blob: string): Promise<LocatedBlob | undefined> {
    const { packs, newestFirst } = this.#options;
    if (newestFirst) {
      for (const pack of packs) {
        const place = (await pack.index()).find(blob);
        if (place) return { ...place, pack };
      }
      return undefined;
    }
    for (const [pack, index] of await this.#loadIndexes()) {
      const place = index.find(blob);
      if (place) return { ...place, pack };
    }
    return undefined;
  }

  /** @throws RefusedError `corrupt` when a snapshot names a blob that is not there, or not of that size. */
  async locate(wanted: BlobReference): Promise<LocatedBlob> {
    const place = await this.find(wanted.blob);
    if (!place) throw corrupt(`The blob ${wanted.blob} is in no pack.`);
    if (place.bytes === wanted.bytes) return place;
    throw corrupt(`The blob ${wanted.blob} has ${place.bytes} bytes, not ${wanted.bytes}.`);
  }

  async read(wanted: BlobReference): Promise<Uint8Array> {
    const place = await this.locate(wanted);
    return this.#take(wanted, place, await place.pack.readRun([place.frame]));
  }

  async tree(wanted: BlobReference): Promise<readonly TreeEntry[]> {
    const { tenant, caches } = this.#options;
    const key = `${tenant}/${wanted.blob}`;
    const known = caches.trees.get(key);
    if (known) return known;
    const place = await this.locate(wanted);
    const run = await place.pack.planTreeRun(place.frame);
    const entries = decodeTree(this.#take(wanted, place, await place.pack.readRun(run.frames)));
    caches.trees.set(key, entries, wanted.bytes * 3 + 500);
    return entries;
  }

  /** Each blob once, in the order they lie in; adjacent frames come by one request. */
  async *readMany(
    wanted: Iterable<BlobReference>,
  ): AsyncGenerator<{ readonly blob: string; readonly content: Uint8Array }> {
    const byFrame = await this.#groupByFrame(wanted);
    const runs: FrameRun[] = [];
    for (const [pack, frames] of byFrame) {
      runs.push(...(await pack.planRuns([...frames.keys()].sort((a, b) => a - b))));
    }
    const contents = readAhead(runs, { items: RUNS_AT_ONCE }, async ({ pack, frames }) => ({
      pack,
      frames: await pack.readRun(frames),
    }));
    for await (const { pack, frames } of contents) {
      for (const number of frames.keys()) {
        for (const [reference, place] of byFrame.get(pack)?.get(number) ?? []) {
          yield { blob: reference.blob, content: this.#take(reference, place, frames) };
        }
      }
    }
  }

  async #groupByFrame(wanted: Iterable<BlobReference>): Promise<BlobsByFrame> {
    const seen = new Set<string>();
    const byFrame: BlobsByFrame = new Map();
    for (const reference of wanted) {
      if (seen.has(reference.blob)) continue;
      seen.add(reference.blob);
      const place = await this.locate(reference);
      const frames = byFrame.get(place.pack) ?? new Map<number, [BlobReference, BlobPlace][]>();
      byFrame.set(place.pack, frames);
      const blobs = frames.get(place.frame);
      if (blobs) blobs.push([reference, place]);
      else frames.set(place.frame, [[reference, place]]);
    }
    return byFrame;
  }

  #take(
    wanted: BlobReference,
    place: BlobPlace,
    frames: ReadonlyMap<number, Uint8Array>,
  ): Uint8Array {
    const frame = frames.get(place.frame);
    const content = frame?.subarray(place.offset, place.offset + place.bytes);
    if (!frame || !content || !this.#isChecked(wanted.blob, frame, content)) {
      throw corrupt(`The blob ${wanted.blob} is not what was written.`);
    }
    return content;
  }

  /** Hashing is most of a warm reader's work, so each blob of a frame that stays in memory is hashed once. */
  #isChecked(blob: string, frame: Uint8Array, content: Uint8Array): boolean {
    const { caches, codec } = this.#options;
    const checked = caches.checked.get(frame) ?? new Set();
    if (checked.has(blob)) return true;
    if (codec.sha256(content) !== blob) return false;
    caches.checked.set(frame, checked.add(blob));
    return true;
  }

  #loadIndexes(): Promise<PackIndexes> {
    if (this.#indexes) return this.#indexes;
    const loading = this.#readIndexes();
    this.#indexes = loading;
    // What failed once is tried again by the next who reads.
    loading.catch(() => {
      this.#indexes = undefined;
    });
    return loading;
  }

  async #readIndexes(): Promise<PackIndexes> {
    const indexes: [Pack, PackIndex][] = [];
    const { packs } = this.#options;
    const limits = { items: INDEXES_AT_ONCE };
    const loaded = readAhead(packs, limits, async (pack) => [pack, await pack.index()] as const);
    for await (const [pack, index] of loaded) indexes.push([pack, index]);
    return indexes;
  }
}

type PackIndexes = readonly (readonly [Pack, PackIndex])[];
type BlobsByFrame = Map<Pack, Map<number, [BlobReference, BlobPlace][]>>;
