import { readlink } from "node:fs/promises";
import path from "node:path";
import {
  comparePaths,
  type FileChange,
  type FileEntry,
  type FolderChanges,
  type LinkEntry,
  leavesTree,
  MAX_FILE_BYTES,
  MIB,
  RefusedError,
  readAhead,
  type Snapshot,
} from "@zenode/core";
import { nodeCodec } from "../codec-node.ts";
import { readConfined } from "../live-folder/read-confined.ts";
import { type FoundLeaf, type LeftOut, scanCheckout } from "./scan-checkout.ts";

const LOOKS = {
  items: 16,
  weight: { max: 32 * MIB, of: ({ bytes }: FoundLeaf) => Math.min(bytes, MAX_FILE_BYTES) },
};

type Known = ReadonlyMap<string, FileEntry | LinkEntry>;
type Change = Extract<FileChange, { readonly kind: "file" | "link" }>;

/**
 * How a folder differs from the snapshot that was brought to it. Nothing may run in it any more. What it holds is
 * compared by content; what can't be a project's is told and stays in the snapshot as it was.
 * @throws RefusedError `too_large`: it holds more than a project may.
 */
export async function findChanges(root: string, base: Snapshot): Promise<FolderChanges> {
  const known = new Map<string, FileEntry | LinkEntry>();
  for await (const entry of base.walk()) known.set(entry.path, entry);
  const { leaves, leftOut: passed } = await scanCheckout(root, known);
  const leftOut = [...passed];
  const changes: FileChange[] = [];
  for await (const found of readAhead(leaves, LOOKS, (leaf) => look(root, leaf, known))) {
    if (found && "why" in found) leftOut.push(found);
    else if (found) changes.push(found);
  }
  const deleted = findDeleted(known, leaves, leftOut);
  const there = new Set(leaves.map((leaf) => leaf.path));
  // Below what is a file by now there is nothing left to delete.
  const absent = deleted.filter((one) => !above(one).some((name) => there.has(name)));
  const sorted = changes.map((change) => change.path).sort(comparePaths);
  return {
    base,
    changes: [...absent.map((one) => ({ kind: "absent", path: one }) as const), ...changes],
    added: sorted.filter((one) => !known.has(one)),
    modified: sorted.filter((one) => known.has(one)),
    deleted,
    leftOut: leftOut.sort((a, b) => comparePaths(a.path, b.path)),
  };
}

/** Undefined: it is as it was. */
async function look(
  root: string,
  leaf: FoundLeaf,
  known: Known,
): Promise<Change | LeftOut | undefined> {
  const before = known.get(leaf.path);
  if (leaf.kind === "link") return lookAtLink(root, leaf.path, before);
  if (leaf.bytes > MAX_FILE_BYTES) {
    return { path: leaf.path, why: `it has over ${MAX_FILE_BYTES / MIB} MiB` };
  }
  const read = () => readConfined(root, leaf.path, MAX_FILE_BYTES);
  try {
    const content = await read();
    const { path: at, executable } = leaf;
    const [blob, bytes] = [nodeCodec.sha256(content), content.length];
    if (before?.kind === "file" && before.blob === blob && before.executable === executable) {
      return undefined;
    }
    return { kind: "file", path: at, executable, content: { blob, bytes, read } };
  } catch (cause) {
    if (cause instanceof RefusedError) return { path: leaf.path, why: "it can't be read" };
    throw cause;
  }
}

async function lookAtLink(
  root: string,
  at: string,
  before: FileEntry | LinkEntry | undefined,
): Promise<Change | LeftOut | undefined> {
  const target = await readlink(path.join(root, at));
  if (leavesTree(at, target))
    return { path: at, why: "it is a link that leads out of the project" };
  if (before?.kind === "link" && before.target === target) return undefined;
  return { kind: "link", path: at, target };
}

/** What was in the snapshot and is gone. Of what lies at or below something left out nobody knows. */
function findDeleted(
  known: Known,
  leaves: readonly FoundLeaf[],
  leftOut: readonly LeftOut[],
): readonly string[] {
  const there = new Set(leaves.map((leaf) => leaf.path));
  const unknown = new Set(leftOut.map((one) => one.path));
  return [...known.keys()]
    .filter((one) => !there.has(one) && !unknown.has(one))
    .filter((one) => !above(one).some((name) => unknown.has(name)))
    .sort(comparePaths);
}

/** The directories above a path: `a`, `a/b`. */
export function above(at: string): readonly string[] {
  const names = at.split("/").slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}
