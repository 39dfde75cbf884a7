import { comparePaths } from "../parse-path.ts";
import type { DirectoryEntry, Entry, Snapshot } from "../projects.ts";
import { findEntry } from "./find-entry.ts";

/** A place at which not the same lies in two snapshots; a directory that only one of them has is one place. */
export interface Difference {
  readonly path: string;
  readonly before: Entry | undefined;
  readonly after: Entry | undefined;
}

export interface Compared {
  /** Absent: one without files. */
  readonly from: Snapshot | undefined;
  readonly to: Snapshot | undefined;
  /** Where to look; absent: everywhere. */
  readonly path?: string;
}

/**
 * Walks two snapshots together, in `comparePaths` order. Directories of equal trees are passed over unread, so two
 * snapshots that differ little cost only the directories above what differs.
 */
export async function* differences({ from, to, path = "" }: Compared): AsyncGenerator<Difference> {
  const [before, after] = [
    from && (await findEntry(from, path)),
    to && (await findEntry(to, path)),
  ];
  // A stack: what comes first must lie on top.
  const left: Difference[] = [{ path, before, after }];
  for (let next = left.pop(); next; next = left.pop()) {
    if (isSameEntry(next.before, next.after)) continue;
    const [old, now] = [next.before, next.after];
    if (from && to && old?.kind === "directory" && now?.kind === "directory") {
      const below = pair(await entriesOf(from, old.path), await entriesOf(to, now.path));
      for (const place of below.reverse()) left.push(place);
    } else {
      yield next;
    }
  }
}

/** Direct children with what tells them apart. */
async function entriesOf(snapshot: Snapshot, path: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (const listed of await snapshot.list(path)) {
    if (listed.kind !== "file") entries.push(listed);
    else if (listed.blob !== undefined) entries.push({ ...listed, blob: listed.blob });
    else entries.push(await snapshot.entry(listed.path));
  }
  return entries;
}

/** Whether the same lies at two places, going by what is known of them without reading. */
export function isSameEntry(a: Entry | undefined, b: Entry | undefined): boolean {
  if (!a || !b) return a === b;
  switch (a.kind) {
    case "file":
      return b.kind === "file" && a.blob === b.blob && a.executable === b.executable;
    case "link":
      return b.kind === "link" && a.target === b.target;
    case "directory":
      return b.kind === "directory" && hasSameTree(a, b);
  }
}

function hasSameTree(a: DirectoryEntry, b: DirectoryEntry): boolean {
  return a.tree !== undefined && a.tree === b.tree;
}

function pair(before: readonly Entry[], after: readonly Entry[]): Difference[] {
  const old = new Map(before.map((entry) => [entry.path, entry]));
  const now = new Map(after.map((entry) => [entry.path, entry]));
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((path) => !isSameEntry(old.get(path), now.get(path)))
    .sort(comparePaths)
    .map((path) => ({ path, before: old.get(path), after: now.get(path) }));
}
