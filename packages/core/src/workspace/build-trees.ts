import type { Codec } from "./codec.ts";
import { joinPath } from "./parse-path.ts";
import { type BlobReference, encodeTree, sortEntries, type TreeEntry } from "./tree.ts";

/** A file or link of a tree to build; `path` is parsed. */
export type TreeLeaf =
  | (BlobReference & { readonly kind: "file"; readonly path: string; readonly executable: boolean })
  | { readonly kind: "link"; readonly path: string; readonly target: string };

export interface BuiltTrees {
  readonly root: BlobReference;
  /** Content of every tree by its id, the root's included; parents come before their children. */
  readonly trees: ReadonlyMap<string, Uint8Array>;
  /** The same, decoded. */
  readonly entries: ReadonlyMap<string, readonly TreeEntry[]>;
}

/** Makes a tree for each directory of a list of files. Directories without files do not exist. */
export function buildTrees(leaves: Iterable<TreeLeaf>, codec: Codec): BuiltTrees {
  const directories = groupByDirectory(leaves);
  const trees: [string, Uint8Array][] = [];
  const decoded = new Map<string, readonly TreeEntry[]>();
  let root: BlobReference | undefined;
  // Children are deeper than their parents: from the deepest up, each entry's id is known in time.
  for (const directory of byDepth(directories.keys())) {
    const entries = sortEntries(directories.get(directory) ?? []);
    const content = encodeTree(entries);
    const reference = { blob: codec.sha256(content), bytes: content.length };
    trees.push([reference.blob, content]);
    decoded.set(reference.blob, entries);
    if (directory === "") root = reference;
    else {
      const [parent, name] = splitPath(directory);
      directories.get(parent)?.push({ kind: "directory", name, ...reference });
    }
  }
  if (!root) throw new Error("The root directory is always among the directories.");
  return { root, trees: new Map(trees.reverse()), entries: decoded };
}

function groupByDirectory(leaves: Iterable<TreeLeaf>): Map<string, TreeEntry[]> {
  const directories = new Map<string, TreeEntry[]>([["", []]]);
  for (const leaf of leaves) {
    const [directory, name] = splitPath(leaf.path);
    addDirectory(directories, directory).push(toEntry(leaf, name));
  }
  return directories;
}

function addDirectory(directories: Map<string, TreeEntry[]>, path: string): TreeEntry[] {
  const known = directories.get(path);
  if (known) return known;
  let parent = "";
  for (const name of path.split("/")) {
    parent = joinPath(parent, name);
    if (!directories.has(parent)) directories.set(parent, []);
  }
  return addDirectory(directories, path);
}

function toEntry(leaf: TreeLeaf, name: string): TreeEntry {
  if (leaf.kind === "link") return { kind: "link", name, target: leaf.target };
  const { executable, bytes, blob } = leaf;
  return { kind: "file", name, executable, bytes, blob };
}

function byDepth(paths: Iterable<string>): readonly string[] {
  const depth = (path: string) => (path === "" ? 0 : path.split("/").length);
  return [...paths]
    .map((path) => ({ path, depth: depth(path) }))
    .sort((a, b) => b.depth - a.depth)
    .map(({ path }) => path);
}

function splitPath(path: string): readonly [directory: string, name: string] {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? ["", path] : [path.slice(0, slash), path.slice(slash + 1)];
}
