import { comparePaths } from "./parse-path.ts";
import type { ListedEntry, Snapshot } from "./projects.ts";

/**
 * Everything below a directory that lies behind a path, in `comparePaths` order (a directory before what is in it),
 * whether the path itself is still there or not. Reads only the directories that lie behind it. "" begins at the start.
 */
export async function* entriesAfter(
  snapshot: Snapshot,
  after: string,
  directory = "",
): AsyncGenerator<ListedEntry> {
  for (const entry of await snapshot.list(directory)) {
    const order = after === "" ? 1 : comparePaths(entry.path, after);
    if (order > 0) yield entry;
    if (entry.kind !== "directory") continue;
    if (order >= 0) yield* entriesAfter(snapshot, "", entry.path);
    else if (after.startsWith(`${entry.path}/`)) yield* entriesAfter(snapshot, after, entry.path);
  }
}
