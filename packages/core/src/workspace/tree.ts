import { ByteReader, corrupt } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { fromHex, toHex } from "./hex.ts";
import { MAX_FILE_BYTES, MAX_NAME_BYTES, MAX_PATH_BYTES, MAX_TREE_BYTES } from "./limits.ts";
import { comparePaths, findNameFault } from "./parse-path.ts";

/** A blob and its size: what a reader must know before it reads one. */
export interface BlobReference {
  /** SHA-256 of the content, hex. */
  readonly blob: string;
  readonly bytes: number;
}

/** One line of a directory. A directory's blob is its own tree. */
export type TreeEntry =
  | (BlobReference & { readonly kind: "file"; readonly name: string; readonly executable: boolean })
  | (BlobReference & { readonly kind: "directory"; readonly name: string })
  | { readonly kind: "link"; readonly name: string; readonly target: string };

const MAGIC = [0x5a, 0x54, 1] as const; // "ZT", version 1
const FILE = 0;
const EXECUTABLE = 1;
const LINK = 2;
const DIRECTORY = 3;
const BLOB_ID_BYTES = 32;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The one encoding of a directory: magic, then per entry in the byte order of names: kind, name, and
 * target (links) or size and id (the rest). Equal directories are equal blobs.
 */
export function encodeTree(entries: readonly TreeEntry[]): Uint8Array {
  const writer = new ByteWriter();
  for (const byte of MAGIC) writer.byte(byte);
  for (const entry of sortEntries(entries)) {
    writer.byte(toKind(entry));
    writeText(writer, entry.name);
    if (entry.kind === "link") {
      writeText(writer, entry.target);
    } else {
      writer.varint(entry.bytes);
      writer.bytes(fromHex(entry.blob));
    }
  }
  return writer.done();
}

/** In the order of a tree. */
export function sortEntries(entries: readonly TreeEntry[]): readonly TreeEntry[] {
  return entries.toSorted((a, b) => comparePaths(a.name, b.name));
}

function toKind(entry: TreeEntry): number {
  if (entry.kind === "link") return LINK;
  if (entry.kind === "directory") return DIRECTORY;
  return entry.executable ? EXECUTABLE : FILE;
}

function writeText(writer: ByteWriter, text: string): void {
  const bytes = encoder.encode(text);
  writer.varint(bytes.length);
  writer.bytes(bytes);
}

/** A decoded tree's entry of a name; by halves, since a directory may have a hundred thousand. */
export function findName(entries: readonly TreeEntry[], name: string): TreeEntry | undefined {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = entries[middle];
    const order = entry ? comparePaths(entry.name, name) : 1;
    if (order === 0) return entry;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return undefined;
}

/** @throws RefusedError `corrupt` for anything `encodeTree` would not have written, bad names included. */
export function decodeTree(bytes: Uint8Array): readonly TreeEntry[] {
  const reader = new ByteReader(bytes);
  if (MAGIC.some((byte) => reader.byte() !== byte)) throw corrupt("This is no tree.");
  const entries: TreeEntry[] = [];
  let previous: string | undefined;
  while (reader.left > 0) {
    const entry = readEntry(reader);
    if (previous !== undefined && comparePaths(previous, entry.name) >= 0) {
      throw corrupt("A tree's names are not in order.");
    }
    previous = entry.name;
    entries.push(entry);
  }
  return entries;
}

function readEntry(reader: ByteReader): TreeEntry {
  const kind = reader.byte();
  const name = readText(reader, MAX_NAME_BYTES);
  const fault = findNameFault(name);
  if (fault !== undefined) throw corrupt(`A tree holds a bad name: ${fault}.`);
  if (kind === LINK) return { kind: "link", name, target: readText(reader, MAX_PATH_BYTES) };
  if (kind === DIRECTORY)
    return { kind: "directory", name, ...readReference(reader, MAX_TREE_BYTES) };
  if (kind !== FILE && kind !== EXECUTABLE) throw corrupt(`A tree holds an unknown kind, ${kind}.`);
  const executable = kind === EXECUTABLE;
  return { kind: "file", name, executable, ...readReference(reader, MAX_FILE_BYTES) };
}

function readReference(reader: ByteReader, maxBytes: number): BlobReference {
  const bytes = reader.varint(maxBytes);
  return { bytes, blob: toHex(reader.bytes(BLOB_ID_BYTES)) };
}

function readText(reader: ByteReader, maxBytes: number): string {
  const bytes = reader.bytes(reader.varint(maxBytes));
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw corrupt(`A tree holds text that is not UTF-8: ${String(cause)}`);
  }
}
