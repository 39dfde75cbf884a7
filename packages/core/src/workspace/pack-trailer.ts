import { corrupt } from "./byte-reader.ts";
import { fromHex, toHex } from "./hex.ts";
import { MAX_INDEX_BYTES } from "./limits.ts";

const MAGIC = 0x7a6e7061636b0d0an; // "znpack\r\n"
/** The second has files in chunks. */
const VERSIONS = [1, 2];
/** sha256 (32), index bytes (4), raw index bytes (4), version (4), magic (8); numbers big-endian. */
export const TRAILER_BYTES = 52;

/** The last 52 bytes of a pack. */
export interface PackTrailer {
  /** SHA-256 of the index as stored, hex. */
  readonly indexHash: string;
  /** The index as stored (deflated), without the trailer. */
  readonly indexBytes: number;
  readonly rawIndexBytes: number;
  /** Whether the index lists files in chunks: version 2. */
  readonly isChunked: boolean;
}

export function encodeTrailer({
  indexHash,
  indexBytes,
  rawIndexBytes,
  isChunked,
}: PackTrailer): Uint8Array {
  const bytes = new Uint8Array(TRAILER_BYTES);
  bytes.set(fromHex(indexHash));
  const view = new DataView(bytes.buffer);
  view.setUint32(32, indexBytes);
  view.setUint32(36, rawIndexBytes);
  view.setUint32(40, isChunked ? 2 : 1);
  view.setBigUint64(44, MAGIC);
  return bytes;
}

/**
 * Reads the trailer at the end of `tail`, which may begin anywhere in a pack of `packBytes`.
 * @throws RefusedError `corrupt`.
 */
export function decodeTrailer(tail: Uint8Array, packBytes: number): PackTrailer {
  if (tail.length < TRAILER_BYTES || packBytes < TRAILER_BYTES) {
    throw corrupt("This is no pack: it is too short.");
  }
  const start = tail.byteOffset + tail.length - TRAILER_BYTES;
  const view = new DataView(tail.buffer, start, TRAILER_BYTES);
  if (view.getBigUint64(44) !== MAGIC) throw corrupt("This is no pack.");
  const version = view.getUint32(40);
  if (!VERSIONS.includes(version)) throw corrupt(`The pack's version is ${version}, not 1 or 2.`);
  const indexBytes = view.getUint32(32);
  const rawIndexBytes = view.getUint32(36);
  if (indexBytes > packBytes - TRAILER_BYTES || rawIndexBytes > MAX_INDEX_BYTES) {
    throw corrupt("The pack's index has an impossible length.");
  }
  const hash = toHex(tail.subarray(tail.length - TRAILER_BYTES, tail.length - TRAILER_BYTES + 32));
  return { indexHash: hash, indexBytes, rawIndexBytes, isChunked: version === 2 };
}
