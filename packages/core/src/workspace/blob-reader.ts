import { BlobFinder, type LocatedBlob, type PackIndexes } from "./blob-finder.ts";
import { corrupt } from "./byte-reader.ts";
import type { Codec } from "./codec.ts";
import type { HeldChunks } from "./held-chunks.ts";
import { MIN_CHUNK_BYTES } from "./limits.ts";
import type { FrameRun, Pack } from "./pack.ts";
import type { BlobPlace, PackIndex } from "./pack-index.ts";
import type { FilePart } from "./projects.ts";
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

/** So many chunks are fetched together first by who reads a file's parts, then twice as many each time, up to … */
const FIRST_CHUNKS = 1;
const MOST_CHUNKS = 8;

/** Finds blobs in a list of packs and checks each against its hash. */
export class BlobReader {
  readonly #options: BlobReaderOptions;
  #indexes: Promise<PackIndexes> | undefined;
  #finder: BlobFinder | undefined;

  constructor(options: BlobReaderOptions) {
    this.#options = options;
  }

  /** Undefined: in none of the packs, or not all of its chunks are. */
  async find(blob: string): Promise<LocatedBlob | undefined> {
    if (this.#options.newestFirst) return this.#findNewest(blob);
    return (await this.finder()).find(blob);
  }

  /** For who looks for much: all indexes, loaded. */
  async finder(): Promise<BlobFinder> {
    this.#finder ??= new BlobFinder(await this.#loadIndexes());
    return this.#finder;
  }

  async #findNewest(blob: string): Promise<LocatedBlob | undefined> {
    const indexes: [Pack, PackIndex][] = [];
    let isListed = false;
    for (const pack of this.#options.packs) {
      const index = await pack.index();
      indexes.push([pack, index]);
      isListed ||= index.chunked.has(blob);
      const found = isListed || index.find(blob) ? new BlobFinder(indexes).find(blob) : undefined;
      if (found) return found;
    }
    return undefined;
  }

  /** What a file is made of beside itself: its chunks, if it has some that are there. */
  async chunksOf({ blob, bytes }: BlobReference): Promise<readonly BlobReference[]> {
    if (bytes <= MIN_CHUNK_BYTES) return [];
    const place = await this.find(blob);
    return place && "chunks" in place ? place.chunks : [];
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
    if ("chunks" in place) return this.#assemble(wanted, place.chunks);
    return this.#take(wanted, place, await place.pack.readRun([place.frame]));
  }

  /**
   * A file from its start or from its end, in parts: of one in chunks only those are fetched that are asked for, each
   * checked against its own hash.
   */
  async *readParts(wanted: BlobReference, from: "start" | "end"): AsyncGenerator<FilePart> {
    const place = await this.locate(wanted);
    if (!("chunks" in place)) {
      yield { content: await this.read(wanted), isLast: true };
      return;
    }
    const left = from === "start" ? [...place.chunks] : place.chunks.toReversed();
    for (let count = FIRST_CHUNKS; left.length > 0; count = Math.min(count * 2, MOST_CHUNKS)) {
      const chunks = left.splice(0, count);
      const contents = new Map<string, Uint8Array>();
      for await (const { blob, content } of this.readMany(chunks)) contents.set(blob, content);
      for (const [at, { blob }] of chunks.entries()) {
        const isLast = left.length === 0 && at === chunks.length - 1;
        yield { content: contents.get(blob) as Uint8Array, isLast };
      }
    }
  }

  async #assemble(
    { blob: file, bytes }: BlobReference,
    chunks: readonly BlobReference[],
    held?: HeldChunks,
  ): Promise<Uint8Array> {
    const places = new Map<string, number[]>();
    let end = 0;
    for (const { blob, bytes: length } of chunks) {
      places.set(blob, [...(places.get(blob) ?? []), end]);
      end += length;
    }
    const whole = new Uint8Array(bytes);
    const put = (blob: string, content: Uint8Array) => {
      for (const at of places.get(blob) ?? []) whole.set(content, at);
    };
    const here = await held?.({ blob: file, bytes }, chunks);
    const missing = chunks.filter(({ blob }) => !here?.has(blob));
    for (const [blob, content] of here ?? []) put(blob, content);
    for await (const { blob, content } of this.readMany(missing)) put(blob, content);
    if (this.#options.codec.sha256(whole) === file) return whole;
    throw corrupt(`The chunks of the file ${file} are not what was written.`);
  }

  async tree(wanted: BlobReference): Promise<readonly TreeEntry[]> {
    const { tenant, caches } = this.#options;
    const key = `${tenant}/${wanted.blob}`;
    const known = caches.trees.get(key);
    if (known) return known;
    const place = await this.locate(wanted);
    if ("chunks" in place) throw corrupt(`The tree ${wanted.blob} is in chunks.`);
    const run = await place.pack.planTreeRun(place.frame);
    const entries = decodeTree(this.#take(wanted, place, await place.pack.readRun(run.frames)));
    caches.trees.set(key, entries, wanted.bytes * 3 + 500);
    return entries;
  }

  /** Each blob once, in the order they lie in, then files in chunks; adjacent frames come by one request. */
  async *readMany(
    wanted: Iterable<BlobReference>,
    held?: HeldChunks,
  ): AsyncGenerator<{ readonly blob: string; readonly content: Uint8Array }> {
    const { byFrame, chunked } = await this.#groupByFrame(wanted);
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
    for (const [file, chunks] of chunked) {
      yield { blob: file.blob, content: await this.#assemble(file, chunks, held) };
    }
  }

  async #groupByFrame(wanted: Iterable<BlobReference>): Promise<{
    readonly byFrame: BlobsByFrame;
    readonly chunked: readonly (readonly [BlobReference, readonly BlobReference[]])[];
  }> {
    const seen = new Set<string>();
    const byFrame: BlobsByFrame = new Map();
    const chunked: [BlobReference, readonly BlobReference[]][] = [];
    for (const reference of wanted) {
      if (seen.has(reference.blob)) continue;
      seen.add(reference.blob);
      const place = await this.locate(reference);
      if ("chunks" in place) {
        chunked.push([reference, place.chunks]);
        continue;
      }
      const frames = byFrame.get(place.pack) ?? new Map<number, [BlobReference, BlobPlace][]>();
      byFrame.set(place.pack, frames);
      const blobs = frames.get(place.frame);
      if (blobs) blobs.push([reference, place]);
      else frames.set(place.frame, [[reference, place]]);
    }
    return { byFrame, chunked };
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

type BlobsByFrame = Map<Pack, Map<number, [BlobReference, BlobPlace][]>>;
