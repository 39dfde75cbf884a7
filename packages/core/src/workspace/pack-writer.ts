import { concatBytes } from "./byte-writer.ts";
import type { Codec } from "./codec.ts";
import { fromHex } from "./hex.ts";
import { FRAME_BYTES } from "./limits.ts";
import { type BlobPlace, encodePackIndex, type Frame } from "./pack-index.ts";
import { encodeTrailer } from "./pack-trailer.ts";

/** Below this saving a frame is kept as it is: reading it then costs no inflation. */
const WORTH_DEFLATING = 0.97;

export interface WrittenPack {
  readonly body: Uint8Array;
  /** Index and trailer at the body's end. */
  readonly indexBytes: number;
  /** Ids of the blobs in it. */
  readonly blobs: readonly string[];
}

/** Fills one pack: blobs in frames, then the index. Holds the pack in memory. */
export class PackWriter {
  readonly #codec: Codec;
  readonly #stored: Uint8Array[] = [];
  readonly #frames: Frame[] = [];
  readonly #blobs = new Map<string, BlobPlace>();
  #open: Uint8Array[] = [];
  #openBytes = 0;
  #openTrees = false;
  #storedBytes = 0;

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  /** Bytes so far, the open frame counted raw. */
  get bytes(): number {
    return this.#storedBytes + this.#openBytes;
  }

  get blobs(): number {
    return this.#blobs.size;
  }

  /** `blob` must be the content's id. Trees get frames of their own. */
  add(blob: string, content: Uint8Array, kind: "file" | "tree"): void {
    if (this.#blobs.has(blob)) return;
    const trees = kind === "tree";
    if (trees !== this.#openTrees || this.#openBytes + content.length > FRAME_BYTES) this.#close();
    this.#openTrees = trees;
    const place = { frame: this.#frames.length, offset: this.#openBytes, bytes: content.length };
    this.#blobs.set(blob, place);
    this.#open.push(content);
    this.#openBytes += content.length;
  }

  finish(): WrittenPack {
    this.#close();
    const index = encodePackIndex(this.#frames, this.#blobs);
    const deflated = this.#codec.deflate(index);
    const hash = fromHex(this.#codec.sha256(deflated));
    const trailer = encodeTrailer(hash, deflated.length, index.length);
    return {
      body: concatBytes([...this.#stored, deflated, trailer]),
      indexBytes: deflated.length + trailer.length,
      blobs: [...this.#blobs.keys()],
    };
  }

  #close(): void {
    if (this.#open.length === 0) return;
    const raw = concatBytes(this.#open);
    const small = this.#codec.deflate(raw);
    const deflated = small.length < raw.length * WORTH_DEFLATING;
    const stored = deflated ? small : raw;
    this.#frames.push({
      start: this.#storedBytes,
      storedBytes: stored.length,
      rawBytes: raw.length,
      deflated,
      trees: this.#openTrees,
    });
    this.#stored.push(stored);
    this.#storedBytes += stored.length;
    this.#open = [];
    this.#openBytes = 0;
  }
}
