import type { Codec } from "./codec.ts";
import { cutChunks } from "./cut-chunks.ts";
import { CHUNKED_BYTES } from "./limits.ts";
import type { PackSeries } from "./pack-series.ts";

export interface ChunkPlace {
  readonly codec: Codec;
  /** Those of the blobs that need not be stored again. */
  readonly stored: (blobs: readonly string[]) => Promise<ReadonlySet<string>>;
}

/** Adds a file to packs: a large one in chunks, of which only those that are new are stored. `blob` must be the content's id. */
export async function addFile(
  packs: PackSeries,
  { blob, content }: { readonly blob: string; readonly content: Uint8Array },
  { codec, stored }: ChunkPlace,
): Promise<void> {
  if (content.length <= CHUNKED_BYTES) return packs.add(blob, content, "file");
  const parts = cutChunks(content).map((part) => ({
    part,
    reference: { blob: codec.sha256(part), bytes: part.length },
  }));
  const known = await stored(parts.map(({ reference }) => reference.blob));
  for (const { part, reference } of parts) {
    if (!known.has(reference.blob)) await packs.add(reference.blob, part, "file");
  }
  packs.addChunked(
    blob,
    parts.map(({ reference }) => reference),
  );
}
