import type { BlobReader } from "./blob-reader.ts";
import type { BlobReference } from "./tree.ts";

export interface ReachableBlob extends BlobReference {
  readonly kind: "file" | "tree";
}

/** Everything that a tree is made of, itself included, each blob once; parents come before their children. */
export async function* reachable(
  root: BlobReference,
  blobs: BlobReader,
): AsyncGenerator<ReachableBlob> {
  const seen = new Set<string>([root.blob]);
  const left = [root];
  for (let tree = left.pop(); tree; tree = left.pop()) {
    yield { kind: "tree", blob: tree.blob, bytes: tree.bytes };
    for (const entry of await blobs.tree(tree)) {
      if (entry.kind === "link" || seen.has(entry.blob)) continue;
      seen.add(entry.blob);
      if (entry.kind === "directory") left.push(entry);
      else yield { kind: "file", blob: entry.blob, bytes: entry.bytes };
    }
  }
}
