import type { BlobReader } from "../blob-reader.ts";
import { type BlobReference, findName } from "../tree.ts";
import type { PlacedEntry } from "./file-change.ts";

/** A tree and the blobs it is made of. */
export interface OpenTree {
  /** Absent: a project that has no file yet. */
  readonly root: BlobReference | undefined;
  readonly blobs: BlobReader;
}

/** What lies at a path. `blocked`: nothing can, since a name above it is a file or link. */
export async function entryAt(
  { root, blobs }: OpenTree,
  path: string,
): Promise<PlacedEntry | "blocked" | undefined> {
  let at: PlacedEntry | undefined = root && { kind: "directory", ...root };
  for (const name of path === "" ? [] : path.split("/")) {
    if (!at) return undefined;
    if (at.kind !== "directory") return "blocked";
    const entries = await blobs.tree(at);
    at = findName(entries, name);
  }
  return at;
}
