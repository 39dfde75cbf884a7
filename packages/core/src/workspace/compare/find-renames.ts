import { comparePaths } from "../parse-path.ts";
import type { FileEntry } from "../projects.ts";
import type { PathChange } from "./compare-snapshots.ts";

type Added = Extract<PathChange, { readonly kind: "added" }>;
type Deleted = Extract<PathChange, { readonly kind: "deleted" }>;

/**
 * Makes one rename of a deleted and an added file of the same content, each taken once: of the same name before any
 * other, else in the order of their paths. Empty files are passed over: that they are equal says nothing.
 * Takes time in proportion to the number of changes. The answer is in `comparePaths` order.
 */
export function findRenames(changes: readonly PathChange[]): readonly PathChange[] {
  const sources = new Sources(changes);
  const renamed = new Map<Added, FileEntry>();
  for (const isByName of [true, false]) {
    for (const change of changes) {
      if (change.kind !== "added" || change.after.kind !== "file" || renamed.has(change)) continue;
      const before = sources.take(change.after, isByName);
      if (before) renamed.set(change, before);
    }
  }
  const taken = new Set([...renamed.values()].map(({ path }) => path));
  return changes
    .filter((change) => change.kind !== "deleted" || !taken.has(change.path))
    .map((change) => {
      const before = change.kind === "added" ? renamed.get(change) : undefined;
      if (change.kind !== "added" || change.after.kind !== "file" || !before) return change;
      return { kind: "renamed", path: change.path, before, after: change.after } as const;
    })
    .sort((a, b) => comparePaths(a.path, b.path));
}

/** Deleted files by what they held. */
class Sources {
  readonly #left = new Set<FileEntry>();
  readonly #byContent: Map<string, FileEntry[]>;
  readonly #byName: Map<string, FileEntry[]>;

  constructor(changes: readonly PathChange[]) {
    const files = changes
      .filter((change): change is Deleted => change.kind === "deleted")
      .map(({ before }) => before)
      .filter((before) => before.kind === "file")
      .filter(({ bytes }) => bytes > 0)
      .reverse();
    this.#left = new Set(files);
    this.#byContent = Map.groupBy(files, ({ blob }) => blob);
    this.#byName = Map.groupBy(files, keyOf);
  }

  /** The first that is left. */
  take(after: FileEntry, isByName: boolean): FileEntry | undefined {
    const found = isByName ? this.#byName.get(keyOf(after)) : this.#byContent.get(after.blob);
    for (let next = found?.pop(); next; next = found?.pop()) {
      if (this.#left.delete(next)) return next;
    }
    return undefined;
  }
}

function keyOf({ path, blob }: FileEntry): string {
  return `${blob}/${path.slice(path.lastIndexOf("/") + 1)}`;
}
