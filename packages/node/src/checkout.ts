import { mkdir, open, readdir, realpath, symlink } from "node:fs/promises";
import path from "node:path";
import {
  type FileEntry,
  type LinkEntry,
  leavesTree,
  MIB,
  parsePath,
  RefusedError,
  readAhead,
  type Snapshot,
} from "@zenode/core";
import { liesAt } from "./live-folder/read-confined.ts";

const WRITES_AT_ONCE = 16;
const WRITE_BYTES_AT_ONCE = 32 * MIB;

export interface CheckoutOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (written: number, total: number) => void;
}

export interface CheckoutOutcome {
  readonly files: number;
  readonly links: number;
  readonly bytes: number;
}

/**
 * Writes a snapshot into an empty (or new) folder. Nothing is written outside of it: files are made
 * anew in directories made anew, before the first link exists; then links, whose targets stay inside. When somebody swaps a
 * directory for a link meanwhile, no content goes where it leads; an empty file may have.
 * @throws RefusedError `conflict` when the folder is not empty or is changed meanwhile, `invalid_path` for a link that leads out.
 */
export async function checkoutSnapshot(
  snapshot: Snapshot,
  place: string,
  { signal, onProgress }: CheckoutOptions = {},
): Promise<CheckoutOutcome> {
  const folder = await prepareFolder(place);
  const { files, links } = await sortEntries(snapshot);
  await makeDirectories(folder, [...files, ...links]);
  const outcome = { files: 0, links: 0, bytes: 0 };
  const limits = { items: WRITES_AT_ONCE, weight: { max: WRITE_BYTES_AT_ONCE, of: sizeOf } };
  const written = readAhead(snapshot.readMany(files), limits, ({ file, content }) =>
    writeNew(path.join(folder, file.path), content, file.executable),
  );
  for await (const size of written) {
    signal?.throwIfAborted();
    outcome.files++;
    outcome.bytes += size;
    onProgress?.(outcome.files, files.length);
  }
  for (const { path: relative, target } of links) {
    const directory = path.dirname(path.join(folder, relative));
    if ((await realpath(directory)) !== directory) throw moved(directory);
    await symlink(target, path.join(folder, relative));
    outcome.links++;
  }
  return outcome;
}

/** Its real path. */
async function prepareFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length === 0) return realpath(folder);
  throw new RefusedError("conflict", `The folder ${folder} is not empty.`);
}

/** Everything of the snapshot, its paths and targets checked once more where they become real. */
async function sortEntries(
  snapshot: Snapshot,
): Promise<{ readonly files: readonly FileEntry[]; readonly links: readonly LinkEntry[] }> {
  const files: FileEntry[] = [];
  const links: LinkEntry[] = [];
  for await (const entry of snapshot.walk()) {
    parsePath(entry.path);
    if (entry.kind === "file") files.push(entry);
    else if (!leavesTree(entry.path, entry.target)) links.push(entry);
    else throw new RefusedError("invalid_path", `${entry.path} links out: ${entry.target}`);
  }
  return { files, links };
}

async function makeDirectories(
  folder: string,
  entries: readonly (FileEntry | LinkEntry)[],
): Promise<void> {
  const directories = new Set(entries.map((entry) => path.posix.dirname(entry.path)));
  for (const directory of directories)
    await mkdir(path.join(folder, directory), { recursive: true });
}

/** `wx` fails on anything that is there already, a link included. */
async function writeNew(file: string, content: Uint8Array, executable: boolean): Promise<number> {
  const handle = await open(file, "wx", executable ? 0o755 : 0o644);
  try {
    if (!(await liesAt(handle.fd, file))) throw moved(file);
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
  return content.length;
}

function moved(place: string): RefusedError {
  return new RefusedError(
    "conflict",
    `${place} is no longer where it was: something else changes the folder.`,
  );
}

function sizeOf({ content }: { readonly content: Uint8Array }): number {
  return content.length;
}
