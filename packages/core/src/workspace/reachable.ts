import type { BlobReader } from "./blob-reader.ts";
import type { BlobReference } from "./tree.ts";

export interface ReachableBlob extends BlobReference {
  readonly kind: "file" | "tree";
}

/** Everything that trees and files are made of, themselves included, each blob once; parents come before their children. */
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
    if (next.kind === "file") continue;
    for (const entry of await blobs.tree(next)) {
      if (entry.kind !== "link") left.push(toReachable(entry));
    }
  }
}

export function toReachable({
  kind,
  blob,
  bytes,
}: BlobReference & { readonly kind: "file" | "directory" }): ReachableBlob {
  return { kind: kind === "directory" ? "tree" : "file", blob, bytes };
}
