import { comparePaths } from "../workspace/parse-path.ts";
import type { Entry, FileEntry, Snapshot } from "../workspace/projects.ts";

/**
 * The files of a snapshot behind a path, in `comparePaths` order, whether the path itself is still
 * there or not. Reads only the directories that lie behind it. "" begins at the start; links are passed over.
 */
export async function* filesAfter(
  snapshot: Snapshot,
  after: string,
  directory = "",
): AsyncGenerator<FileEntry> {
  for (const entry of await snapshot.list(directory)) {
    const start = startIn(entry, after);
    if (start === undefined) continue;
    if (entry.kind === "file") yield entry;
    if (entry.kind === "directory") yield* filesAfter(snapshot, start, entry.path);
  }
}

/** What of an entry lies behind a path: all of it (""), what is behind the same path, or nothing. */
function startIn({ path }: Entry, after: string): string | undefined {
  if (after === "" || comparePaths(path, after) > 0) return "";
  return after.startsWith(`${path}/`) ? after : undefined;
}
