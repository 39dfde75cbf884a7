import { lstat } from "node:fs/promises";
import path from "node:path";
import {
  type FileChange,
  joinPath,
  leavesTree,
  MAX_FILE_BYTES,
  parsePath,
  RefusedError,
  readContent,
} from "@zenode/core";
import { nodeCodec } from "../codec-node.ts";
import { ConfinedDirectory, parentOf } from "../confined-directory.ts";
import { placeFile } from "../place-file.ts";
import { removeLeaf } from "../remove-leaf.ts";
import type { FolderTree } from "./folder-tree.ts";
import { readConfined } from "./read-confined.ts";

type Write =
  | Extract<FileChange, { readonly kind: "link" }>
  | (Extract<FileChange, { readonly kind: "file" }> & { readonly content: Uint8Array });

/** What is to be done, in this order. */
interface Plan {
  readonly writes: readonly Write[];
  /** Files and links that go. */
  readonly removals: readonly string[];
}

/**
 * Makes changes to a folder: everything is checked before the first write, then each file is replaced as a whole. A
 * folder has no transaction: what another program does between two files is not noticed.
 * @throws RefusedError `invalid_path`, `invalid_input` (a path twice, one that ignore files leave out), `not_found`,
 *   `not_a_directory`, `not_a_file` (a directory is where a file is to be), `too_large`.
 */
export async function changeFolder(
  tree: FolderTree,
  changes: readonly FileChange[],
): Promise<void> {
  const paths = changes.map((change) => parsePlace(change.path));
  const twice = paths.find((one, at) => paths.indexOf(one) !== at);
  if (twice !== undefined) throw new RefusedError("invalid_input", `${twice} is named twice.`);
  const { writes, removals } = await plan(tree, changes);
  for (const write of writes) await checkPlace(tree, write);
  const kept = new Set(writes.map((write) => write.path));
  // What is copied was read before; so what goes may go first and make room.
  for (const gone of removals) if (!kept.has(gone)) await removeLeaf(tree.root, gone);
  for (const write of writes) await put(tree.root, write);
}

function parsePlace(place: string): string {
  if (place === "") throw new RefusedError("invalid_path", "The project's root is no file.");
  return parsePath(place);
}

async function plan(tree: FolderTree, changes: readonly FileChange[]): Promise<Plan> {
  const writes = new Map<string, Write>();
  const removals: string[] = [];
  const depth = ({ path: at }: FileChange) => at.split("/").length;
  // Of two changes, one above the other, the upper one comes first.
  for (const change of changes.toSorted((a, b) => depth(a) - depth(b))) {
    if (change.kind === "absent") removals.push(...(await leavesAt(tree, change.path)));
    for (const at of [...writes.keys()]) if (at.startsWith(`${change.path}/`)) writes.delete(at);
    for (const write of await writesOf(tree, change)) writes.set(write.path, write);
  }
  return { writes: [...writes.values()], removals };
}

async function writesOf(tree: FolderTree, change: FileChange): Promise<readonly Write[]> {
  switch (change.kind) {
    case "absent":
      return [];
    case "copy":
      return copies(tree, change);
    case "link":
      return [change];
    case "file":
      return [{ ...change, content: await readContent(change.content, nodeCodec) }];
  }
}

/** The files and links at and below a path that are the project's. */
async function leavesAt(tree: FolderTree, at: string): Promise<readonly string[]> {
  const found = await tree.find(at);
  if (!found) return [];
  if (found.kind !== "directory") return [at];
  const leaves: string[] = [];
  for await (const listing of tree.listings(found)) {
    leaves.push(...listing.found.flatMap((one) => (one.kind === "directory" ? [] : one.path)));
  }
  return leaves;
}

async function copies(
  tree: FolderTree,
  { from, path: to }: Extract<FileChange, { readonly kind: "copy" }>,
): Promise<readonly Write[]> {
  const leaves = await leavesAt(tree, from);
  if (leaves.length === 0) throw new RefusedError("not_found", `There is no ${from}.`);
  const writes: Write[] = [];
  for (const leaf of leaves) {
    const found = await tree.find(leaf);
    const at = to + leaf.slice(from.length);
    if (found?.kind === "link") writes.push({ kind: "link", path: at, target: found.target });
    if (found?.kind !== "file") continue;
    const content = await readConfined(tree.root, leaf, MAX_FILE_BYTES);
    writes.push({ kind: "file", path: at, content, executable: found.executable });
  }
  return writes;
}

/** Whether something can lie there, and would be the project's. */
async function checkPlace(tree: FolderTree, write: Write): Promise<void> {
  const { path: at } = write;
  parsePath(at);
  if (write.kind === "link" && leavesTree(at, write.target)) {
    throw new RefusedError("invalid_path", `The link ${at} would lead out of the project.`);
  }
  if (write.kind === "file" && write.content.length > MAX_FILE_BYTES) {
    throw new RefusedError("too_large", `${at} has over ${MAX_FILE_BYTES} bytes.`);
  }
  await checkDirectories(tree, at);
  const there = await lstatOf(path.join(tree.root, at));
  if (there?.isDirectory()) throw new RefusedError("not_a_file", `${at} is a directory.`);
  // What ignore files leave out, and what lies there but is no project's: a pipe, a link that leads out, a file too large.
  if ((await tree.wouldLeaveOut(at)) || (there && !(await tree.find(at)))) {
    throw new RefusedError(
      "invalid_input",
      `${at} is left out of the project, so it can't be written here.`,
    );
  }
}

async function checkDirectories(tree: FolderTree, at: string): Promise<void> {
  let above = "";
  for (const name of at.split("/").slice(0, -1)) {
    above = joinPath(above, name);
    const facts = await lstatOf(path.join(tree.root, above));
    if (!facts) return;
    if (facts.isDirectory()) continue;
    const kind = facts.isSymbolicLink() ? "symbolic link" : "file";
    throw new RefusedError("not_a_directory", `${above} is a ${kind}; nothing can lie below it.`);
  }
}

async function put(root: string, write: Write): Promise<void> {
  const directory = await ConfinedDirectory.open(root, parentOf(write.path), true);
  try {
    await placeFile(directory, path.posix.basename(write.path), write, "anything");
  } finally {
    await directory.close();
  }
}

async function lstatOf(file: string) {
  return lstat(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return undefined;
    throw cause;
  });
}
