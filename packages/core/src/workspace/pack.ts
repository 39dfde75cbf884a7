import { MIB } from "../lib/bytes.ts";
import { corrupt } from "./byte-reader.ts";
import type { Codec } from "./codec.ts";
import { decodePackIndex, type Frame, type PackIndex } from "./pack-index.ts";
import type { ReaderCaches } from "./reader-caches.ts";

/** One range request fetches at most this much … */
const MAX_RUN_BYTES = 8 * MIB;
/** … that inflates to at most this much (a frame alone may be larger): what deflates well would fill the memory … */
const MAX_RUN_RAW_BYTES = 32 * MIB;
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
    const runs: RunPlan[] = [];
    for (const number of wanted) {
      const frame = frameAt(frames, number);
      if (runs.at(-1)?.add(number, frame)) continue;
      const run = new RunPlan();
      run.add(number, frame);
      runs.push(run);
    }
    return runs.map(({ numbers }) => ({ pack: this, frames: numbers }));
  }

  /** The frame and those of the push's other trees beside it: who reads one soon reads the rest. */
  async planTreeRun(number: number): Promise<FrameRun> {
    const { frames } = await this.index();
    const run = new RunPlan();
    run.add(number, frameAt(frames, number));
    for (let next = number + 1; frames[next]?.trees; next++) {
      if (!run.add(next, frameAt(frames, next))) break;
    }
    return { pack: this, frames: run.numbers };
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

/** A run that grows frame by frame. */
class RunPlan {
  readonly numbers: number[] = [];
  #start = 0;
  #end = 0;
  #rawBytes = 0;

  /** False: the frame would be too much; nothing was added. */
  add(number: number, { start, storedBytes, rawBytes }: Frame): boolean {
    const end = start + storedBytes;
    if (this.numbers.length > 0) {
      if (start - this.#end > MAX_GAP_BYTES || end - this.#start > MAX_RUN_BYTES) return false;
      if (this.#rawBytes + rawBytes > MAX_RUN_RAW_BYTES) return false;
    } else this.#start = start;
    this.numbers.push(number);
    this.#end = end;
    this.#rawBytes += rawBytes;
    return true;
  }
}
