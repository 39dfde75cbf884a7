import path from "node:path";
import {
  type FileEntry,
  type HeldChunks,
  MIB,
  type PlannedWrite,
  type PullPlan,
  RefusedError,
  readAhead,
} from "@zenode/core";
import { nodeCodec } from "../codec-node.ts";
import { ConfinedDirectory, parentOf } from "../confined-directory.ts";
import { type NewFile, placeFile } from "../place-file.ts";
import { removeLeaf } from "../remove-leaf.ts";
import type { FolderView } from "./folder-view.ts";
import { heldChunks } from "./held-chunks.ts";

const WRITES_AT_ONCE = 16;
const WRITE_BYTES_AT_ONCE = 32 * MIB;

export interface FolderUpdate {
  /** A real path. */
  readonly root: string;
  readonly plan: PullPlan;
  /** What the plan was made from. */
  readonly view: FolderView;
  /** Contents that the folder does not have; of large ones it has some chunks, perhaps. */
  readonly fetch: (
    files: readonly FileEntry[],
    held: HeldChunks,
  ) => AsyncIterable<{ readonly file: FileEntry; readonly content: Uint8Array }>;
  readonly signal?: AbortSignal;
  readonly onProgress?: ((done: number, total: number, bytes: number) => void) | undefined;
}

export interface UpdateOutcome {
  readonly written: readonly string[];
  readonly removed: readonly string[];
  /** Not done, since something else lies there meanwhile. */
  readonly late: readonly string[];
  /** Not done, since this folder can't hold such a path. */
  readonly impossible: readonly { readonly path: string; readonly reason: string }[];
}

/**
 * Brings a plan into a folder. Each file comes whole, under its own name only then; what is not as the plan found it stays.
 * Broken off anywhere, it can be planned and begun again: what is written already then agrees.
 */
export async function updateFolder(update: FolderUpdate): Promise<UpdateOutcome> {
  const updater = new FolderUpdater(update);
  const { plan, view, fetch } = update;
  const { here, elsewhere, links } = sortWrites(plan.writes, view);
  // Contents that are here are used before what holds them goes.
  for (const { write, from } of here) {
    const content = await readHere(view, from, write);
    if (content) await updater.write(write, toFile(write, content));
    else elsewhere.push(write);
  }
  for (const { path: gone } of plan.removals) await updater.remove(gone);
  const wanted = new Map(elsewhere.map((write) => [write.path, write]));
  const entries = elsewhere.map(({ path: at, leaf }) => ({ ...leaf, path: at }) as FileEntry);
  const of = ({ content }: { readonly content: Uint8Array }) => content.length;
  const limits = { items: WRITES_AT_ONCE, weight: { max: WRITE_BYTES_AT_ONCE, of } };
  const writing = readAhead(
    fetch(entries, heldChunks(plan, view)),
    limits,
    async ({ file, content }) => {
      const write = wanted.get(file.path);
      if (write) await updater.write(write, toFile(write, content));
    },
  );
  for await (const _ of writing) update.signal?.throwIfAborted();
  // Links last, so that nothing here was ever written through one.
  for (const write of links) {
    const { leaf } = write;
    if (leaf.kind === "link") await updater.write(write, leaf);
  }
  return updater.outcome;
}

class FolderUpdater {
  readonly outcome = {
    written: [] as string[],
    removed: [] as string[],
    late: [] as string[],
    impossible: [] as { path: string; reason: string }[],
  };
  readonly #update: FolderUpdate;
  #bytes = 0;

  constructor(update: FolderUpdate) {
    this.#update = update;
  }

  async write({ path: at, was }: PlannedWrite, file: NewFile): Promise<void> {
    const stamp = was && this.#update.view.files.get(at)?.stamp;
    const replaces = stamp === undefined ? "nothing" : { stamp };
    try {
      const isPlaced = await this.#place(at, file, replaces);
      this.outcome[isPlaced ? "written" : "late"].push(at);
      if (file.kind === "file") this.#bytes += file.content.length;
    } catch (cause) {
      if (!this.#isLate(cause, at)) throw cause;
    }
    this.#report();
  }

  async remove(at: string): Promise<void> {
    const stamp = this.#update.view.files.get(at)?.stamp;
    // What this folder never held needs no removal.
    const isRemoved = stamp === undefined || (await removeLeaf(this.#update.root, at, stamp));
    this.outcome[isRemoved ? "removed" : "late"].push(at);
  }

  async #place(at: string, file: NewFile, replaces: Parameters<typeof placeFile>[3]) {
    const directory = await ConfinedDirectory.open(this.#update.root, parentOf(at), true);
    try {
      return (await placeFile(directory, path.posix.basename(at), file, replaces)) !== undefined;
    } finally {
      await directory.close();
    }
  }

  #isLate(cause: unknown, at: string): boolean {
    if (cause instanceof RefusedError) {
      this.outcome.late.push(at);
      return true;
    }
    const reason = IMPOSSIBLE[(cause as NodeJS.ErrnoException).code ?? ""];
    if (reason !== undefined) this.outcome.impossible.push({ path: at, reason });
    return reason !== undefined;
  }

  #report(): void {
    const { written, late, impossible } = this.outcome;
    const done = written.length + late.length + impossible.length;
    this.#update.onProgress?.(done, this.#update.plan.writes.length, this.#bytes);
  }
}

const IMPOSSIBLE: Readonly<Record<string, string>> = {
  ENAMETOOLONG: "its name is too long for this file system",
  EILSEQ: "this file system has no such names",
  EINVAL: "this file system has no such names",
};

interface SortedWrites {
  readonly here: readonly { readonly write: PlannedWrite; readonly from: string }[];
  readonly elsewhere: PlannedWrite[];
  readonly links: readonly PlannedWrite[];
}

/** By where the content is to be had. */
function sortWrites(writes: readonly PlannedWrite[], { local }: FolderView): SortedWrites {
  const places = new Map<string, string>();
  for (const [at, leaf] of local) {
    if (leaf !== "foreign" && leaf.kind === "file") places.set(leaf.blob, at);
  }
  const here: { write: PlannedWrite; from: string }[] = [];
  const elsewhere: PlannedWrite[] = [];
  const links: PlannedWrite[] = [];
  for (const write of writes) {
    if (write.leaf.kind === "link") links.push(write);
    else {
      const from = places.get(write.leaf.blob);
      if (from === undefined) elsewhere.push(write);
      else here.push({ write, from });
    }
  }
  return { here, elsewhere, links };
}

/** Undefined: it is no longer what it was. */
async function readHere(
  { files }: FolderView,
  from: string,
  { leaf }: PlannedWrite,
): Promise<Uint8Array | undefined> {
  const file = files.get(from);
  if (file?.kind !== "file" || leaf.kind !== "file") return undefined;
  try {
    const content = await file.read();
    return nodeCodec.sha256(content) === leaf.blob ? content : undefined;
  } catch (cause) {
    if (cause instanceof RefusedError) return undefined;
    throw cause;
  }
}

function toFile({ leaf }: PlannedWrite, content: Uint8Array): NewFile {
  return { kind: "file", content, executable: leaf.kind === "file" && leaf.executable };
}
