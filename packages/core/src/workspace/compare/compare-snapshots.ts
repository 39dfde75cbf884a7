import type { Entry, FileEntry, LinkEntry, Snapshot } from "../projects.ts";
import { type Compared, differences } from "./differences.ts";

export type LeafEntry = FileEntry | LinkEntry;

/** What became of one path between two snapshots. */
export type PathChange =
  | { readonly kind: "added"; readonly path: string; readonly after: LeafEntry }
  | { readonly kind: "deleted"; readonly path: string; readonly before: LeafEntry }
  | {
      /**
       * `modified`: another content, for a link another target; `mode`: only whether it can be run;
       * `kind`: a file became a link, or a link a file.
       */
      readonly kind: "modified" | "mode" | "kind";
      readonly path: string;
      readonly before: LeafEntry;
      readonly after: LeafEntry;
    }
  /** The same content at another path; see `findRenames`. */
  | {
      readonly kind: "renamed";
      readonly path: string;
      readonly before: FileEntry;
      readonly after: FileEntry;
    };

/**
 * The files and links that differ between two snapshots, in `comparePaths` order; where a file gave way to a
 * directory, what went comes before what came. Reads directories only, see `differences`.
 */
export async function* compareSnapshots(compared: Compared): AsyncGenerator<PathChange> {
  const { from, to } = compared;
  for await (const { before, after } of differences(compared)) {
    if (isLeaf(before) && isLeaf(after)) {
      yield { kind: kindOfChange(before, after), path: after.path, before, after };
      continue;
    }
    for await (const leaf of leavesOf(from, before)) {
      yield { kind: "deleted", path: leaf.path, before: leaf };
    }
    for await (const leaf of leavesOf(to, after)) {
      yield { kind: "added", path: leaf.path, after: leaf };
    }
  }
}

function isLeaf(entry: Entry | undefined): entry is LeafEntry {
  return entry !== undefined && entry.kind !== "directory";
}

async function* leavesOf(
  snapshot: Snapshot | undefined,
  entry: Entry | undefined,
): AsyncGenerator<LeafEntry> {
  if (!snapshot || !entry) return;
  if (entry.kind === "directory") yield* snapshot.walk(entry.path);
  else yield entry;
}

function kindOfChange(before: LeafEntry, after: LeafEntry): "modified" | "mode" | "kind" {
  if (before.kind !== after.kind) return "kind";
  return before.kind === "file" && after.kind === "file" && before.blob === after.blob
    ? "mode"
    : "modified";
}
