import type { BlobReader } from "./blob-reader.ts";
import type { BlobReference } from "./tree.ts";

export interface ReachableBlob extends BlobReference {
  readonly kind: "file" | "tree";
}

/**
 * Everything that trees and files are made of, themselves and their chunks included, each blob once; parents come before
 * their children.
 */
export async function* reachable(
  roots: Iterable<ReachableBlob>,
  blobs: BlobReader,
): AsyncGenerator<ReachableBlob> {
  const seen = new Set<string>();
  const left = [...roots];
  for (let next = left.pop(); next; next = left.pop()) {
    if (seen.has(next.blob)) continue;
    seen.add(next.blob);
    yield next;
    for (const part of await partsOf(next, blobs)) left.push(part);
  }
}

async function partsOf(whole: ReachableBlob, blobs: BlobReader): Promise<readonly ReachableBlob[]> {
  if (whole.kind === "file") {
    return (await blobs.chunksOf(whole)).map((chunk) => ({ ...chunk, kind: "file" }));
  }
  const entries = await blobs.tree(whole);
  return entries.flatMap((entry) => (entry.kind === "link" ? [] : [toReachable(entry)]));
}

export function toReachable({
  kind,
  blob,
  bytes,
}: BlobReference & { readonly kind: "file" | "directory" }): ReachableBlob {
  return { kind: kind === "directory" ? "tree" : "file", blob, bytes };
}
