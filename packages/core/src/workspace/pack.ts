import { MIB } from "../lib/bytes.ts";
import { corrupt } from "./byte-reader.ts";
import type { Codec } from "./codec.ts";
import { decodePackIndex, type Frame, type PackIndex } from "./pack-index.ts";
import type { ReaderCaches } from "./reader-caches.ts";

/** One range request fetches at most this much … */
const MAX_RUN_BYTES = 8 * MIB;
/** … and passes over a gap of this size rather than to make a second request. */
const MAX_GAP_BYTES = 128 * 1024;

/** A stored pack, wherever it lies. */
export interface PackSource {
  /** Names it in caches: tenant, project, id. */
  readonly key: string;
  /** Size of the whole and of its index and trailer. */
  readonly bytes: number;
  readonly indexBytes: number;
  read(start: number, length: number): Promise<Uint8Array>;
}

/** Frames that are fetched by one request, in their order. */
export interface FrameRun {
  readonly pack: Pack;
  readonly frames: readonly number[];
}

/** Reads a pack's index and frames, through the caches. */
export class Pack {
  readonly source: PackSource;
  readonly #codec: Codec;
  readonly #caches: ReaderCaches;

  constructor(source: PackSource, codec: Codec, caches: ReaderCaches) {
    this.source = source;
    this.#codec = codec;
    this.#caches = caches;
  }

  /** @throws RefusedError `corrupt`. */
  index(): Promise<PackIndex> {
    const { indexes } = this.#caches;
    const known = indexes.get(this.source.key);
    if (known) return known;
    const loading = this.#loadIndex();
    indexes.set(this.source.key, loading, 0);
    loading.then(
      (index) => indexes.set(this.source.key, loading, index.weight),
      () => indexes.delete(this.source.key),
    );
    return loading;
  }

  async #loadIndex(): Promise<PackIndex> {
    const { bytes, indexBytes } = this.source;
    const tail = await this.#read(bytes - indexBytes, indexBytes);
    return decodePackIndex(tail, bytes, this.#codec);
  }

  /** Reads everything into the caches. */
  async keep(): Promise<void> {
    const { frames } = await this.index();
    await this.readRun(frames.map((_, number) => number));
  }

  /** Groups frames into runs. `wanted` ascends without repetition. */
  async planRuns(wanted: readonly number[]): Promise<readonly FrameRun[]> {
    const { frames } = await this.index();
    const runs: number[][] = [];
    for (const number of wanted) {
      const run = runs.at(-1);
      if (run && fits(frames, run, number)) run.push(number);
      else runs.push([number]);
    }
    return runs.map((run) => ({ pack: this, frames: run }));
  }

  /** The frame and those of the push's other trees beside it: who reads one soon reads the rest. */
  async planTreeRun(number: number): Promise<FrameRun> {
    const { frames } = await this.index();
    const run = [number];
    for (let next = number + 1; frames[next]?.trees && fits(frames, run, next); next++) {
      run.push(next);
    }
    return { pack: this, frames: run };
  }

  /** Raw contents of a run's frames. @throws RefusedError `corrupt`. */
  async readRun(run: readonly number[]): Promise<ReadonlyMap<number, Uint8Array>> {
    const { frames } = await this.index();
    const contents = new Map<number, Uint8Array>();
    const missing: Frame[] = [];
    for (const number of run) {
      const cached = this.#caches.frames.get(this.#frameKey(number));
      if (cached) contents.set(number, cached);
      else missing.push(frameAt(frames, number));
    }
    const [first, last] = [missing[0], missing.at(-1)];
    if (!first || !last) return contents;
    const stored = await this.#read(first.start, last.start + last.storedBytes - first.start);
    for (const number of run) {
      if (contents.has(number)) continue;
      const frame = frameAt(frames, number);
      const content = this.#inflate(frame, stored.subarray(frame.start - first.start));
      this.#caches.frames.set(this.#frameKey(number), content, content.length);
      contents.set(number, content);
    }
    return contents;
  }

  #inflate(frame: Frame, stored: Uint8Array): Uint8Array {
    const bytes = stored.subarray(0, frame.storedBytes);
    // A copy, so that a cached frame doesn't hold the run it came with.
    const raw = frame.deflated ? this.#codec.inflate(bytes, frame.rawBytes) : bytes.slice();
    if (raw.length !== frame.rawBytes) throw corrupt("A frame is not as long as its index says.");
    return raw;
  }

  async #read(start: number, length: number): Promise<Uint8Array> {
    if (length === 0) return new Uint8Array();
    const bytes = await this.source.read(start, length);
    if (bytes.length === length) return bytes;
    throw corrupt(`The store gave ${bytes.length} of ${length} bytes of a pack.`);
  }

  #frameKey(number: number): string {
    return `${this.source.key}#${number}`;
  }
}

function frameAt(frames: readonly Frame[], number: number): Frame {
  const frame = frames[number];
  if (!frame) throw corrupt(`The pack has no frame ${number}.`);
  return frame;
}

function fits(frames: readonly Frame[], run: readonly number[], next: number): boolean {
  const first = frameAt(frames, run[0] ?? next);
  const last = frameAt(frames, run.at(-1) ?? next);
  const { start, storedBytes } = frameAt(frames, next);
  const gap = start - (last.start + last.storedBytes);
  return gap <= MAX_GAP_BYTES && start + storedBytes - first.start <= MAX_RUN_BYTES;
}
