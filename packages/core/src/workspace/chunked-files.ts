import { type ByteReader, corrupt } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { fromHex, toHex } from "./hex.ts";
import { MAX_CHUNKED_BYTES, MAX_FILE_BYTES, MIN_CHUNK_BYTES } from "./limits.ts";
import type { BlobReference } from "./tree.ts";

/** By a file's id the blobs that make it up, in order. */
export type ChunkedFiles = ReadonlyMap<string, readonly BlobReference[]>;

const ID_BYTES = 32;

/** File count; per file, in the order of their ids: id, chunk count, per chunk length and id. */
export function encodeChunkedFiles(writer: ByteWriter, files: ChunkedFiles): void {
  writer.varint(files.size);
  for (const [id, chunks] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    writer.bytes(fromHex(id));
    writer.varint(chunks.length);
    for (const { blob, bytes } of chunks) {
      writer.varint(bytes);
      writer.bytes(fromHex(blob));
    }
  }
}

/**
 * Every chunk but the last is large, and all of them together are bounded, so that few bytes can't stand for endless
 * look-ups.
 * @throws RefusedError `corrupt`.
 */
export function readChunkedFiles(reader: ByteReader): ChunkedFiles {
  const count = reader.varint(Math.floor(reader.left / ID_BYTES));
  if (count === 0) throw corrupt("A pack of version 2 has no file in chunks.");
  const files = new Map<string, readonly BlobReference[]>();
  let [before, left] = ["", MAX_CHUNKED_BYTES];
  for (let read = 0; read < count; read++) {
    const id = toHex(reader.bytes(ID_BYTES));
    if (id <= before) throw corrupt("Files in chunks are not in order.");
    const chunks = readChunks(reader, Math.min(left, MAX_FILE_BYTES));
    files.set(id, chunks);
    left -= sizeOf(chunks);
    before = id;
  }
  return files;
}

export function sizeOf(chunks: readonly BlobReference[]): number {
  return chunks.reduce((sum, { bytes }) => sum + bytes, 0);
}

function readChunks(reader: ByteReader, maxBytes: number): readonly BlobReference[] {
  const count = reader.varint(MAX_FILE_BYTES / MIN_CHUNK_BYTES + 1);
  if (count < 2) throw corrupt("A file in chunks has fewer than two.");
  const chunks: BlobReference[] = [];
  let left = maxBytes;
  for (let read = 1; read <= count; read++) {
    const bytes = reader.varint(left);
    if (bytes < (read < count ? MIN_CHUNK_BYTES : 1)) throw corrupt("A chunk is too small.");
    chunks.push({ bytes, blob: toHex(reader.bytes(ID_BYTES)) });
    left -= bytes;
  }
  return chunks;
}
