import { RefusedError } from "../../lib/error.ts";
import type { Codec } from "../codec.ts";
import { MAX_TREE_BYTES } from "../limits.ts";
import { joinPath } from "../parse-path.ts";
import { type BlobReference, encodeTree, sortEntries, type TreeEntry } from "../tree.ts";
import type { OpenTree } from "./entry-at.ts";
import type { Edit, PlacedEntry } from "./file-change.ts";

export interface EditedTree {
  readonly root: BlobReference;
  /** Content of every new tree by its id; parents come before their children. */
  readonly trees: ReadonlyMap<string, Uint8Array>;
  /** The same, decoded. */
  readonly entries: ReadonlyMap<string, readonly TreeEntry[]>;
  /** What was at the edited places, and is there now. */
  readonly removed: readonly PlacedEntry[];
  readonly added: readonly { readonly path: string; readonly entry: PlacedEntry }[];
  /** Directories that came, less those that went, beside what `removed` and `added` hold. */
  readonly directories: number;
}

/** An edit of one directory: the names that lead from it to its place. */
interface Step {
  readonly names: readonly string[];
  readonly edit: Edit;
}

/**
 * Makes the trees that a tree becomes by edits, which must be of different paths; only directories above an edit are
 * read. Of edits one above the other the upper is done first. Directories left without files go.
 * @throws RefusedError `not_a_directory` (a name above an edit is a file or link), `too_large`.
 */
export async function applyEdits(
  tree: OpenTree,
  edits: readonly Edit[],
  codec: Codec,
): Promise<EditedTree> {
  const editor = new TreeEditor(tree, codec);
  const steps = edits.map((edit) => ({ names: edit.path.split("/"), edit }));
  const root = (await editor.edit(tree.root, "", steps)) ?? editor.write([]);
  return {
    root,
    trees: new Map([...editor.trees].reverse()),
    entries: editor.entries,
    removed: editor.removed,
    added: editor.added,
    directories: editor.directories,
  };
}

class TreeEditor {
  readonly trees = new Map<string, Uint8Array>();
  readonly entries = new Map<string, readonly TreeEntry[]>();
  readonly removed: PlacedEntry[] = [];
  readonly added: { readonly path: string; readonly entry: PlacedEntry }[] = [];
  directories = 0;
  readonly #tree: OpenTree;
  readonly #codec: Codec;

  constructor(tree: OpenTree, codec: Codec) {
    this.#tree = tree;
    this.#codec = codec;
  }

  /** Undefined: nothing is left in it. */
  async edit(
    directory: BlobReference | undefined,
    path: string,
    steps: readonly Step[],
  ): Promise<BlobReference | undefined> {
    const old = await this.#read(directory);
    const entries = new Map<string, TreeEntry>(old.map((entry) => [entry.name, entry]));
    for (const [name, below] of Map.groupBy(steps, ({ names }) => names[0] ?? "")) {
      const entry = await this.#editEntry(entries.get(name), joinPath(path, name), below);
      if (entry) entries.set(name, { ...entry, name });
      else entries.delete(name);
    }
    const isLeft = entries.size > 0;
    // The root is no entry.
    if (path !== "") this.directories += Number(isLeft) - Number(directory !== undefined);
    return isLeft ? this.write([...entries.values()]) : undefined;
  }

  /** Asynchronous also where nothing is: a path has up to 2,048 names, and each then begins with an empty stack. */
  async #read(directory: BlobReference | undefined): Promise<readonly TreeEntry[]> {
    return directory ? this.#tree.blobs.tree(directory) : [];
  }

  async #editEntry(
    old: PlacedEntry | undefined,
    path: string,
    steps: readonly Step[],
  ): Promise<PlacedEntry | undefined> {
    const own = steps.find(({ names }) => names.length === 1);
    const below = steps.filter((step) => step !== own);
    const entry = own ? this.#replace(old, own.edit) : old;
    if (below.length === 0) return entry;
    if (entry && entry.kind !== "directory") {
      const kind = entry.kind === "link" ? "symbolic link" : "file";
      throw new RefusedError("not_a_directory", `${path} is a ${kind}; nothing can lie below it.`);
    }
    const deeper = below.map(({ names, edit }) => ({ names: names.slice(1), edit }));
    const edited = await this.edit(entry, path, deeper);
    return edited && { kind: "directory", ...edited };
  }

  #replace(old: PlacedEntry | undefined, edit: Edit): PlacedEntry | undefined {
    if (old) this.removed.push(old);
    const { path, entry } = edit;
    if (entry) this.added.push({ path, entry });
    return entry;
  }

  write(unsorted: readonly TreeEntry[]): BlobReference {
    const entries = sortEntries(unsorted);
    const content = encodeTree(entries);
    if (content.length > MAX_TREE_BYTES) {
      throw new RefusedError("too_large", "A directory has too many entries.");
    }
    const blob = this.#codec.sha256(content);
    this.trees.set(blob, content);
    this.entries.set(blob, entries);
    return { blob, bytes: content.length };
  }
}
