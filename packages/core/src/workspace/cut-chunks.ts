import { MIB } from "../lib/bytes.ts";
import { MIN_CHUNK_BYTES } from "./limits.ts";

const NORMAL_BYTES = MIB;
const MAX_BYTES = 4 * MIB;
/** Of the rolling hash must be zero where a chunk ends: more below the normal size, fewer above, so that most are near it. */
const EARLY_BITS = 22;
const LATE_BITS = 18;

/** One random number for each byte, always the same: murmur3's finalizer of 1 to 256. */
const GEAR = Uint32Array.from({ length: 256 }, (_, byte) => {
  let mixed = Math.imul((byte + 1) ^ ((byte + 1) >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
});

/**
 * Cuts a content where it itself says so (FastCDC, Xia et al. 2016, with 32 bits): a chunk ends behind 32 bytes whose hash
 * begins with zeros. So whoever inserts or removes something changes the chunks around it, and the others stay what they were.
 */
export function cutChunks(content: Uint8Array): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < content.length; ) {
    const end = findEnd(content, start);
    chunks.push(content.subarray(start, end));
    start = end;
  }
  return chunks;
}

function findEnd(content: Uint8Array, start: number): number {
  const last = Math.min(content.length, start + MAX_BYTES);
  const normal = Math.min(last, start + NORMAL_BYTES);
  let at = Math.min(last, start + MIN_CHUNK_BYTES);
  let hash = 0;
  for (; at < normal; at++) {
    hash = ((hash << 1) + (GEAR[content[at] as number] as number)) | 0;
    if (hash >>> (32 - EARLY_BITS) === 0) return at + 1;
  }
  for (; at < last; at++) {
    hash = ((hash << 1) + (GEAR[content[at] as number] as number)) | 0;
    if (hash >>> (32 - LATE_BITS) === 0) return at + 1;
  }
  return last;
}
