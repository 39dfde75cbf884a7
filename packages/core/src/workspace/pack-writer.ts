import { MIB } from "../lib/bytes.ts";
import { concatBytes } from "./byte-writer.ts";
import type { Codec } from "./codec.ts";
import { FRAME_BYTES } from "./limits.ts";
import { type BlobPlace, encodePackIndex, type Frame } from "./pack-index.ts";
import { encodeTrailer } from "./pack-trailer.ts";
import type { BlobReference } from "./tree.ts";

/** Below this saving a frame is kept as it is: reading it then costs no inflation. */
const WORTH_DEFLATING = 0.97;

export interface WrittenPack {
  readonly body: Uint8Array;
  /** Index and trailer at the body's end. */
  readonly indexBytes: number;
  /** Ids of the blobs in it, and of files whose chunks it lists. */
  readonly blobs: readonly string[];
}

/** Compressed beside each other: enough for every core; one larger frame may be alone. */
const FRAMES_AT_ONCE = 16;
const FRAME_BYTES_AT_ONCE = 16 * MIB;

interface OpenFrame {
  readonly raw: Uint8Array;
  readonly trees: boolean;
  readonly small: Promise<Uint8Array>;
}

/** Fills one pack: blobs in frames, then the index. Holds the pack in memory. */
export class PackWriter {
  readonly #codec: Codec;
  readonly #stored: Uint8Array[] = [];
  readonly #frames: Frame[] = [];
  /** Closed, and being compressed. */
  readonly #underWay: OpenFrame[] = [];
  #underWayBytes = 0;
  readonly #blobs = new Map<string, BlobPlace>();
  readonly #chunked = new Map<string, readonly BlobReference[]>();
  #open: Uint8Array[] = [];
  #openBytes = 0;
  #openTrees = false;
  #storedBytes = 0;

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  /** Bytes so far, those not compressed yet counted raw; the same for the same blobs, however fast any of it was. */
  get bytes(): number {
    return this.#storedBytes + this.#underWayBytes + this.#openBytes;
  }

  get blobs(): number {
    return this.#blobs.size + this.#chunked.size;
  }

  /** `blob` must be the content's id. Trees get frames of their own. Waits while much is being compressed. */
  async add(blob: string, content: Uint8Array, kind: "file" | "tree"): Promise<void> {
    if (this.#blobs.has(blob)) return;
    const trees = kind === "tree";
    if (trees !== this.#openTrees || this.#openBytes + content.length > FRAME_BYTES) {
      await this.#close();
    }
    this.#openTrees = trees;
    const frame = this.#frames.length + this.#underWay.length;
    const place = { frame, offset: this.#openBytes, bytes: content.length };
    this.#blobs.set(blob, place);
    this.#open.push(content);
    this.#openBytes += content.length;
  }

  /** A file whose chunks are blobs here, or in other packs of whoever reads this one. */
  addChunked(blob: string, chunks: readonly BlobReference[]): void {
    if (!this.#blobs.has(blob)) this.#chunked.set(blob, chunks);
  }

  async finish(): Promise<WrittenPack> {
    await this.#close();
    while (this.#underWay.length > 0) await this.#keepFirst();
    const index = encodePackIndex(this.#frames, this.#blobs, this.#chunked);
    const deflated = await this.#codec.deflate(index);
    const trailer = encodeTrailer({
      indexHash: this.#codec.sha256(deflated),
      indexBytes: deflated.length,
      rawIndexBytes: index.length,
      isChunked: this.#chunked.size > 0,
    });
    return {
      body: concatBytes([...this.#stored, deflated, trailer]),
      indexBytes: deflated.length + trailer.length,
      blobs: [...this.#blobs.keys(), ...this.#chunked.keys()],
    };
  }

  /** Waits for what is under way, however it ends. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#underWay.map(({ small }) => small));
  }

  async #close(): Promise<void> {
    if (this.#open.length === 0) return;
    const raw = concatBytes(this.#open);
    this.#open = [];
    this.#openBytes = 0;
    const small = this.#codec.deflate(raw);
    // Told to who waits for it.
    small.catch(() => undefined);
    this.#underWay.push({ raw, trees: this.#openTrees, small });
    this.#underWayBytes += raw.length;
    const isFull = () =>
      this.#underWay.length > FRAMES_AT_ONCE || this.#underWayBytes > FRAME_BYTES_AT_ONCE;
    while (this.#underWay.length > 1 && isFull()) await this.#keepFirst();
  }

  async #keepFirst(): Promise<void> {
    const [first] = this.#underWay;
    if (!first) return;
    const { raw, trees } = first;
    const small = await first.small;
    this.#underWay.shift();
    this.#underWayBytes -= raw.length;
    const deflated = small.length < raw.length * WORTH_DEFLATING;
    const stored = deflated ? small : raw;
    this.#frames.push({
      start: this.#storedBytes,
      storedBytes: stored.length,
      rawBytes: raw.length,
      deflated,
      trees,
    });
    this.#stored.push(stored);
    this.#storedBytes += stored.length;
  }
}
