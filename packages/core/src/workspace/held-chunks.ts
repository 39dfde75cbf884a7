import type { Codec } from "./codec.ts";
import { cutChunks } from "./cut-chunks.ts";
import type { BlobReference } from "./tree.ts";

/**
 * Chunks of a file that its reader has by itself, by their ids: these are not fetched. What is made of them is held
 * against the file's own hash all the same.
 */
export type HeldChunks = (
  file: BlobReference,
  chunks: readonly BlobReference[],
) => Promise<ReadonlyMap<string, Uint8Array>>;

/** Of the chunks those that another content has as well: most, where that is an earlier state of the same file. */
export function findChunks(
  content: Uint8Array,
  chunks: readonly BlobReference[],
  codec: Pick<Codec, "sha256">,
): ReadonlyMap<string, Uint8Array> {
  const wanted = new Set(chunks.map(({ blob }) => blob));
  const sizes = new Set(chunks.map(({ bytes }) => bytes));
  const found = new Map<string, Uint8Array>();
  for (const part of cutChunks(content)) {
    if (!sizes.has(part.length)) continue;
    const blob = codec.sha256(part);
    if (wanted.has(blob)) found.set(blob, part);
  }
  return found;
}
