import { isSameEntry, type PlacedEntry } from "../change/file-change.ts";

/** A file or link, wherever it may lie: what a folder and a project are compared by. */
export type Leaf = Extract<PlacedEntry, { readonly kind: "file" | "link" }>;

/** By path. Where one path is a leaf, none lies below it. */
export type Leaves = ReadonlyMap<string, Leaf>;

/**
 * What lies at the paths of a local folder. `foreign` is there, but can't be a project's: a pipe, a link that leads out, a
 * file too large. It is never written over and says nothing of the project.
 */
export type LocalLeaves = ReadonlyMap<string, LocalLeaf>;
export type LocalLeaf = Leaf | "foreign";

export function isSameLeaf(a: LocalLeaf | undefined, b: LocalLeaf | undefined): boolean {
  return a !== "foreign" && b !== "foreign" && isSameEntry(a, b);
}

/**
 * Who changed what lies at a path since both sides agreed: nobody, or both in the same way (`agree`), one of them, or
 * both differently.
 */
export function compareLeaves(
  base: Leaf | undefined,
  mine: LocalLeaf | undefined,
  theirs: LocalLeaf | undefined,
): "agree" | "mine" | "theirs" | "both" {
  if (isSameLeaf(mine, theirs)) return "agree";
  if (isSameLeaf(base, theirs)) return "mine";
  return isSameLeaf(base, mine) ? "theirs" : "both";
}

/** `a/b/c` -> `a`, `a/b`. */
export function* ancestors(path: string): Generator<string> {
  for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
    yield path.slice(0, slash);
  }
}

/**
 * For each of `paths` that can't lie beside what is kept: the path that is in its way, a leaf above it or a directory
 * (one with something kept below it) of its own name.
 */
export function findBlocked(
  paths: Iterable<string>,
  kept: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  if (kept.size === 0) return new Map();
  const directories = new Set<string>();
  for (const path of kept) for (const directory of ancestors(path)) directories.add(directory);
  const blocked = new Map<string, string>();
  for (const path of paths) {
    const above = [...ancestors(path)].find((ancestor) => kept.has(ancestor));
    if (above !== undefined) blocked.set(path, above);
    else if (directories.has(path)) blocked.set(path, path);
  }
  return blocked;
}
