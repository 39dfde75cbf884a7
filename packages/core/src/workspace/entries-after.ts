import { comparePaths } from "./parse-path.ts";
import type { ListedEntry, Snapshot } from "./projects.ts";

export interface EntriesPlace {
  /** Absent: the whole snapshot. */
  readonly directory?: string;
  /** Whether what is below a directory is wanted; absent: all is. */
  readonly enters?: (directory: string) => boolean;
}

/**
 * Everything below a directory that lies behind a path, in `comparePaths` order (a directory before what is in it),
 * whether the path itself is still there or not. Reads only the directories that lie behind it. "" begins at the start.
 */
export async function* entriesAfter(
  snapshot: Snapshot,
  after: string,
  { directory = "", enters = () => true }: EntriesPlace = {},
): AsyncGenerator<ListedEntry> {
  for (const entry of await snapshot.list(directory)) {
    const order = after === "" ? 1 : comparePaths(entry.path, after);
    if (order > 0) yield entry;
    if (entry.kind !== "directory" || !enters(entry.path)) continue;
    const below = { directory: entry.path, enters };
    if (order >= 0) yield* entriesAfter(snapshot, "", below);
    else if (after.startsWith(`${entry.path}/`)) yield* entriesAfter(snapshot, after, below);
  }
}
