import { ByteReader, corrupt } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { type ChunkedFiles, encodeChunkedFiles, readChunkedFiles } from "./chunked-files.ts";
import type { Codec } from "./codec.ts";
import { fromHex } from "./hex.ts";
import { FRAME_BYTES, MAX_FILE_BYTES, MAX_FRAMES, MAX_PACK_BYTES } from "./limits.ts";
import { decodeTrailer, TRAILER_BYTES } from "./pack-trailer.ts";

const ID_BYTES = 32;
/** Of an id, as one number. */
const HEAD_BYTES = 4;
const DEFLATED = 1;
const TREES = 2;

/** A stretch of a pack that is read and inflated as a whole. */
export interface Frame {
  readonly start: number;
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly deflated: boolean;
  /** Holds trees only. */
  readonly trees: boolean;
}

/** Where a blob lies: in which frame, and where in its raw content. */
export interface BlobPlace {
  readonly frame: number;
  readonly offset: number;
  readonly bytes: number;
}

/** Which blob of a pack lies where. Ids are kept packed and sorted: 44 bytes a blob in memory. */
export class PackIndex {
  readonly frames: readonly Frame[];
  /** Files in chunks; the chunks are blobs of this pack or another one. */
  readonly chunked: ChunkedFiles;
  readonly #ids: Uint8Array;
  /** Three numbers a blob: frame, offset, bytes. */
  readonly #places: Uint32Array;

  constructor(
    frames: readonly Frame[],
    { ids, places }: { readonly ids: Uint8Array; readonly places: Uint32Array },
    chunked: ChunkedFiles,
  ) {
    this.frames = frames;
    this.chunked = chunked;
    this.#ids = ids;
    this.#places = places;
  }

  get blobs(): number {
    return this.#ids.length / ID_BYTES;
  }

  /** Bytes of memory, about. */
  get weight(): number {
    const chunks = [...this.chunked.values()].reduce((sum, { length }) => sum + length, 0);
    const lists = this.frames.length * 80 + chunks * 150;
    return this.#ids.length + this.#places.byteLength + lists;
  }

  find(blob: string): BlobPlace | undefined {
    // The first four bytes tell ids apart, nearly always; comparing them alone costs a fraction.
    const head = Number.parseInt(blob.slice(0, HEAD_BYTES * 2), 16);
    let [low, high] = [0, this.blobs];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#head(middle) < head) low = middle + 1;
      else high = middle;
    }
    if (low === this.blobs || this.#head(low) !== head) return undefined;
    const wanted = fromHex(blob);
    for (let at = low; at < this.blobs; at++) {
      const order = compareIds(this.#ids, at * ID_BYTES, wanted, 0);
      if (order === 0) return this.#place(at);
      if (order > 0) return undefined;
    }
    return undefined;
  }

  #head(number: number): number {
    const at = number * ID_BYTES;
    const [first = 0, second = 0] = [this.#ids[at], this.#ids[at + 1]];
    const [third = 0, fourth = 0] = [this.#ids[at + 2], this.#ids[at + 3]];
    return ((first << 24) | (second << 16) | (third << 8) | fourth) >>> 0;
  }

  #place(at: number): BlobPlace {
    const [frame = 0, offset = 0, bytes = 0] = this.#places.subarray(at * 3, at * 3 + 3);
    return { frame, offset, bytes };
  }
}

function compareIds(a: Uint8Array, atA: number, b: Uint8Array, atB: number): number {
  for (let step = 0; step < ID_BYTES; step++) {
    const difference = (a[atA + step] ?? 0) - (b[atB + step] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Frame count; per frame flags, stored and raw bytes; blob count; sorted ids; per blob frame, offset, bytes; files in
 * chunks, if there are any.
 */
export function encodePackIndex(
  frames: readonly Frame[],
  blobs: ReadonlyMap<string, BlobPlace>,
  chunked: ChunkedFiles,
): Uint8Array {
  const writer = new ByteWriter();
  writer.varint(frames.length);
  for (const { deflated, trees, storedBytes, rawBytes } of frames) {
    writer.byte((deflated ? DEFLATED : 0) | (trees ? TREES : 0));
    writer.varint(storedBytes);
    writer.varint(rawBytes);
  }
  const sorted = [...blobs].sort(([a], [b]) => (a < b ? -1 : 1));
  writer.varint(sorted.length);
  for (const [id] of sorted) writer.bytes(fromHex(id));
  for (const [, { frame, offset, bytes }] of sorted) {
    writer.varint(frame);
    writer.varint(offset);
    writer.varint(bytes);
  }
  if (chunked.size > 0) encodeChunkedFiles(writer, chunked);
  return writer.done();
}

/**
 * Reads the index of a pack of `packBytes` bytes from its end; `tail` may begin earlier than the index.
 * Nothing in it is believed: lengths are compared with what is there before anything is reserved.
 * @throws RefusedError `corrupt`.
 */
export function decodePackIndex(tail: Uint8Array, packBytes: number, codec: Codec): PackIndex {
  const { indexHash, indexBytes, rawIndexBytes, isChunked } = decodeTrailer(tail, packBytes);
  const end = tail.length - TRAILER_BYTES;
  if (indexBytes > end) throw corrupt("The pack's index is longer than it was said to be.");
  const stored = tail.subarray(end - indexBytes, end);
  if (codec.sha256(stored) !== indexHash)
    throw corrupt("The pack's index is not what was written.");
  const raw = codec.inflate(stored, rawIndexBytes);
  if (raw.length !== rawIndexBytes) throw corrupt("The pack's index is shorter than it says.");
  const reader = new ByteReader(raw);
  const frames = readFrames(reader, packBytes - indexBytes - TRAILER_BYTES);
  const ids = readIds(reader);
  const places = readPlaces(reader, ids.length / ID_BYTES, frames);
  const chunked: ChunkedFiles = isChunked ? readChunkedFiles(reader) : new Map();
  reader.end();
  return new PackIndex(frames, { ids, places }, chunked);
}

function readFrames(reader: ByteReader, available: number): readonly Frame[] {
  const count = reader.varint(MAX_FRAMES);
  const frames: Frame[] = [];
  let start = 0;
  for (let read = 0; read < count; read++) {
    const flags = reader.byte();
    if (flags > (DEFLATED | TREES)) throw corrupt("A frame has unknown flags.");
    const storedBytes = reader.varint(MAX_PACK_BYTES);
    const rawBytes = reader.varint(MAX_FILE_BYTES);
    const deflated = (flags & DEFLATED) !== 0;
    if (!deflated && storedBytes !== rawBytes) throw corrupt("A frame's lengths disagree.");
    frames.push({ start, storedBytes, rawBytes, deflated, trees: (flags & TREES) !== 0 });
    start += storedBytes;
  }
  if (start !== available) throw corrupt("The frames do not fill the pack.");
  return frames;
}

function readIds(reader: ByteReader): Uint8Array {
  const count = reader.varint(Math.floor(reader.left / ID_BYTES));
  const ids = reader.bytes(count * ID_BYTES).slice();
  for (let at = ID_BYTES; at < ids.length; at += ID_BYTES) {
    if (compareIds(ids, at - ID_BYTES, ids, at) >= 0) throw corrupt("Blob ids are not in order.");
  }
  return ids;
}

/** Blobs that share a frame share a small one, so that no small file costs a large frame. */
function readPlaces(reader: ByteReader, blobs: number, frames: readonly Frame[]): Uint32Array {
  // Three numbers of at least a byte each must follow for every blob.
  if (blobs * 3 > reader.left) throw corrupt("The data ends too early.");
  const places = new Uint32Array(blobs * 3);
  for (let at = 0; at < places.length; at += 3) {
    const number = reader.varint(frames.length);
    const frame = frames[number];
    if (!frame) throw corrupt("A blob lies in a frame that does not exist.");
    const offset = reader.varint(frame.rawBytes);
    const bytes = reader.varint(frame.rawBytes - offset);
    if (bytes !== frame.rawBytes && frame.rawBytes > FRAME_BYTES) {
      throw corrupt("A large frame holds more than one blob.");
    }
    places.set([number, offset, bytes], at);
  }
  return places;
}
