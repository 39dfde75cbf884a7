import { type FileEntry, MIB, type Snapshot } from "@zenode/core";
import type { LeafEntry, PathChange } from "@zenode/core/compare";
import { decodeText, isBinary } from "../project/text-file.ts";
import type { PatchSides, Side } from "./git-patch.ts";

/** Of a larger file no lines are compared. */
const MOST_FILE_BYTES = 2 * MIB;
/** Of all files together. */
const MOST_BYTES = 48 * MIB;
/** Read at once, and kept while they are compared. */
const BATCH_BYTES = 8 * MIB;
const BATCH_CHANGES = 200;

export interface ReadChange {
  readonly change: PathChange;
  /** Absent: too large, or too much came before it. */
  readonly sides?: PatchSides;
}

/** What changes are from and to; files come by few requests, and are let go after each batch. */
export async function* readSides(
  changes: readonly PathChange[],
  { from, to }: { readonly from: Snapshot | undefined; readonly to: Snapshot },
): AsyncGenerator<ReadChange> {
  for (const batch of toBatches(changes)) {
    const read = batch.filter(({ isRead }) => isRead).map(({ change }) => change);
    const old = await readAll(from, read.map(beforeOf));
    const now = await readAll(to, read.map(afterOf));
    for (const { change, isRead } of batch) {
      if (!isRead) yield { change };
      else {
        const sides = {
          before: toSide(beforeOf(change), old),
          after: toSide(afterOf(change), now),
        };
        yield { change, sides };
      }
    }
  }
}

interface Planned {
  readonly change: PathChange;
  readonly isRead: boolean;
}

function* toBatches(changes: readonly PathChange[]): Generator<readonly Planned[]> {
  let batch: Planned[] = [];
  let [bytes, total] = [0, 0];
  for (const change of changes) {
    const sizes = [beforeOf(change), afterOf(change)].map(bytesToRead);
    const size = sizes.reduce((sum, each) => sum + each, 0);
    const isRead = Math.max(...sizes) <= MOST_FILE_BYTES && total + size <= MOST_BYTES;
    if (batch.length === BATCH_CHANGES || (isRead && bytes + size > BATCH_BYTES)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push({ change, isRead });
    if (isRead) [bytes, total] = [bytes + size, total + size];
  }
  if (batch.length > 0) yield batch;
}

function beforeOf(change: PathChange): LeafEntry | undefined {
  return "before" in change && hasContent(change) ? change.before : undefined;
}

function afterOf(change: PathChange): LeafEntry | undefined {
  return "after" in change && hasContent(change) ? change.after : undefined;
}

/** Of the others the content is the same. */
function hasContent({ kind }: PathChange): boolean {
  return kind !== "mode" && kind !== "renamed";
}

function bytesToRead(leaf: LeafEntry | undefined): number {
  return leaf?.kind === "file" ? leaf.bytes : 0;
}

async function readAll(
  snapshot: Snapshot | undefined,
  leaves: readonly (LeafEntry | undefined)[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = leaves.filter((leaf): leaf is FileEntry => leaf?.kind === "file");
  const contents = new Map<string, Uint8Array>();
  if (!snapshot || files.length === 0) return contents;
  for await (const { file, content } of snapshot.readMany(files)) contents.set(file.path, content);
  return contents;
}

function toSide(
  leaf: LeafEntry | undefined,
  contents: ReadonlyMap<string, Uint8Array>,
): Side | undefined {
  if (leaf?.kind === "link") return { text: leaf.target };
  const content = leaf && contents.get(leaf.path);
  if (!content) return undefined;
  return { text: isBinary(content) ? undefined : decodeText(content) };
}
