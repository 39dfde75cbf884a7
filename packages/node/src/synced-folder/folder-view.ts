import {
  type Leaf,
  type LocalLeaf,
  type LocalLeaves,
  MIB,
  type ReadContents,
  RefusedError,
  readAhead,
  type Skipped,
  sift,
} from "@zenode/core";
import { nodeCodec } from "../codec-node.ts";
import { changedAtMs } from "../file-stamp.ts";
import type { FolderScan, ScannedFile } from "../folder-scan.ts";

const READS_AT_ONCE = 16;
const READ_BYTES_AT_ONCE = 32 * MIB;
const LOOKS_AT_ONCE = 32;
/** A file changed so shortly before it was read may change again within the same tick of its file system's clock (FAT: 2 s). */
const RACY_MS = 2_100;

/** A file that need not be read while it has this stamp. */
export interface KnownLeaf {
  readonly stamp: string;
  readonly leaf: Leaf;
}

/** A folder at one moment, by content. */
export interface FolderView {
  readonly local: LocalLeaves;
  readonly files: ReadonlyMap<string, ScannedFile>;
  /** What later views need not read. */
  readonly known: ReadonlyMap<string, KnownLeaf>;
  readonly skipped: Skipped;
  /** Files that were read whole. */
  readonly read: number;
}

export interface ViewOptions {
  readonly known: ReadonlyMap<string, KnownLeaf>;
  /** Paths that count even where ignore rules leave them out: what the project has. */
  readonly tracked: Iterable<string>;
  readonly now: () => number;
  /** For who is to send what was read. */
  readonly kept?: ReadContents;
  readonly signal?: AbortSignal;
  /** Files done, and all. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Hashes what a scan found, where it is not known. What vanishes meanwhile is not there. */
export async function viewFolder(scan: FolderScan, options: ViewOptions): Promise<FolderView> {
  const scanned = scan.files();
  const { files, skipped } = sift([...scanned, ...(await lookUp(scan, scanned, options.tracked))]);
  const local = new Map<string, LocalLeaf>(skipped.map(({ path }) => [path, "foreign"]));
  const known = new Map<string, KnownLeaf>();
  let [read, done] = [0, 0];
  const weight = { max: READ_BYTES_AT_ONCE, of: (file: ScannedFile) => weigh(file, options) };
  const hashed = readAhead(files, { items: READS_AT_ONCE, weight }, (file) => hash(file, options));
  for await (const { file, leaf, isSettled, content } of hashed) {
    options.signal?.throwIfAborted();
    if (content && leaf?.kind === "file") await options.kept?.keep(leaf.blob, content);
    if (leaf) local.set(file.path, leaf);
    if (leaf && isSettled) known.set(file.path, { stamp: file.stamp, leaf });
    if (content) read += 1;
    done += 1;
    options.onProgress?.(done, files.length);
  }
  return { local, files: new Map(files.map((file) => [file.path, file])), known, skipped, read };
}

async function lookUp(
  scan: FolderScan,
  scanned: readonly ScannedFile[],
  tracked: Iterable<string>,
): Promise<ScannedFile[]> {
  const found = new Set(scanned.map(({ path }) => path));
  const missing = [...tracked].filter((path) => !found.has(path));
  const files: ScannedFile[] = [];
  const looked = readAhead(missing, { items: LOOKS_AT_ONCE }, (path) => scan.look(path));
  for await (const file of looked) if (file) files.push(file);
  return files;
}

interface Hashed {
  readonly file: ScannedFile;
  /** Undefined: it vanished. */
  readonly leaf: Leaf | undefined;
  readonly isSettled: boolean;
  /** Absent: it was not read. */
  readonly content?: Uint8Array;
}

async function hash(file: ScannedFile, { known, now }: ViewOptions): Promise<Hashed> {
  if (file.kind === "link") {
    return { file, leaf: { kind: "link", target: file.target }, isSettled: false };
  }
  const before = known.get(file.path);
  if (before?.stamp === file.stamp) {
    return { file, leaf: before.leaf, isSettled: true };
  }
  const isSettled = changedAtMs(file.stamp) < now() - RACY_MS;
  try {
    const content = await file.read();
    const blob = nodeCodec.sha256(content);
    const { executable } = file;
    const leaf: Leaf = { kind: "file", executable, blob, bytes: content.length };
    return { file, leaf, isSettled, content };
  } catch (cause) {
    if (!(cause instanceof RefusedError) || cause.code !== "not_found") throw cause;
    return { file, leaf: undefined, isSettled: false };
  }
}

function weigh(file: ScannedFile, { known }: ViewOptions): number {
  return file.kind === "link" || known.get(file.path)?.stamp === file.stamp ? 0 : file.bytes;
}
