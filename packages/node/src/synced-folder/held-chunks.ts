import { findChunks, type HeldChunks, type PullPlan, RefusedError } from "@zenode/core";
import { nodeCodec } from "../codec-node.ts";
import type { FolderView } from "./folder-view.ts";

/** For a large file that changed: what of it this folder has, in the file that it will replace or come to lie beside. */
export function heldChunks(
  { writes, conflicts }: PullPlan,
  { files }: Pick<FolderView, "files">,
): HeldChunks {
  const originals = new Map(conflicts.map(({ path, copy }) => [copy, path]));
  const places = new Map<string, string>();
  for (const { path, leaf } of writes) {
    const near = originals.get(path) ?? path;
    if (leaf.kind === "file" && files.has(near)) places.set(leaf.blob, near);
  }
  return async ({ blob }, chunks) => {
    const file = files.get(places.get(blob) ?? "");
    if (file?.kind !== "file") return new Map();
    try {
      return findChunks(await file.read(), chunks, nodeCodec);
    } catch (cause) {
      // It is not what it was: then all of it is fetched.
      if (cause instanceof RefusedError) return new Map();
      throw cause;
    }
  };
}
