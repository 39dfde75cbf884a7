import { entryAt, type OpenTree } from "./entry-at.ts";
import { isSameEntry, type PlacedEntry } from "./file-change.ts";

/** Those of `paths` at which not the same lies in both trees, in their order. */
export async function findConflicts(
  paths: Iterable<string>,
  base: OpenTree,
  head: OpenTree,
): Promise<readonly string[]> {
  const conflicts: string[] = [];
  for (const path of paths) {
    const [was, is] = [await entryAt(base, path), await entryAt(head, path)];
    if (!isSame(was, is)) conflicts.push(path);
  }
  return conflicts;
}

type Found = PlacedEntry | "blocked" | undefined;

function isSame(a: Found, b: Found): boolean {
  return a === "blocked" || b === "blocked" ? a === b : isSameEntry(a, b);
}
