import { createHash } from "node:crypto";
import { inflateRawSync } from "node:zlib";

/**
 * Reads a snapshot as a program of somebody else's would that has only docs/data-model/workspace.md. It shares no code
 * with the platform and is as strict as the document: whatever is not as written there is an error.
 */

export interface OtherRecord {
  readonly root: string;
  readonly packs: readonly {
    readonly id: string;
    readonly bytes: number;
    readonly indexBytes: number;
  }[];
  readonly files: number;
  readonly bytes: number;
  readonly entries?: number;
  readonly deleted?: boolean;
}

/** A file or link of a snapshot. */
export type OtherLeaf =
  | { readonly kind: "file"; readonly executable: boolean; readonly content: Buffer }
  | { readonly kind: "link"; readonly target: string };

/** All files and links by their paths, in the order of the walk. */
export async function readAsOther(
  record: OtherRecord,
  readPack: (id: string, bytes: number) => Promise<Uint8Array>,
): Promise<ReadonlyMap<string, OtherLeaf>> {
  const leaves = new Map<string, OtherLeaf>();
  if (record.deleted) return leaves;
  const packs: OtherPack[] = [];
  for (const { id, bytes, indexBytes } of record.packs) {
    const body = Buffer.from(await readPack(id, bytes));
    check(body.length === bytes, `${id} has ${body.length} bytes, not ${bytes}`);
    packs.push(new OtherPack(body, indexBytes));
  }
  let directories = 0;
  const blobOf = (id: string, length: number): Buffer => {
    for (const pack of packs) {
      const blob = pack.blob(id) ?? join(pack.chunksOf(id), packs);
      if (!blob) continue;
      check(sha256(blob) === id, `a blob that is not ${id}`);
      check(blob.length === length, `${id} has ${blob.length} bytes, not ${length}`);
      return blob;
    }
    throw new Error(`No pack has ${id}`);
  };
  const walk = (at: string, tree: Buffer): void => {
    for (const entry of entriesOf(tree)) {
      const path = at === "" ? entry.name : `${at}/${entry.name}`;
      if (entry.kind === "link") leaves.set(path, entry);
      else if (entry.kind === "directory") {
        directories += 1;
        const before = leaves.size;
        walk(path, blobOf(entry.blob, entry.bytes));
        check(leaves.size > before, `${path} is without files`);
      } else {
        const content = blobOf(entry.blob, entry.bytes);
        leaves.set(path, { kind: "file", executable: entry.executable, content });
      }
    }
  };
  const root = packs.map((pack) => pack.blob(record.root)).find((blob) => blob !== undefined);
  check(root, `No pack has the root ${record.root}`);
  walk("", root);
  checkTotals(record, leaves, directories);
  return leaves;
}

/** Undefined: not all of them are there. */
function join(chunks: readonly Chunk[], packs: readonly OtherPack[]): Buffer | undefined {
  const parts: Buffer[] = [];
  for (const { id, length } of chunks) {
    const part = packs.map((pack) => pack.blob(id)).find((blob) => blob?.length === length);
    if (part) parts.push(part);
  }
  return chunks.length > 0 && parts.length === chunks.length ? Buffer.concat(parts) : undefined;
}

function checkTotals(
  { files, bytes, entries }: OtherRecord,
  leaves: ReadonlyMap<string, OtherLeaf>,
  directories: number,
): void {
  const sizes = [...leaves.values()].map((leaf) =>
    leaf.kind === "file" ? leaf.content.length : 0,
  );
  const sum = sizes.reduce((total, size) => total + size, 0);
  check(leaves.size === files && sum === bytes, `${files} files, ${bytes} bytes are told of`);
  const all = leaves.size + directories;
  check(entries === undefined || entries === all, `${entries} entries are told of, not ${all}`);
}

interface Frame {
  readonly isDeflated: boolean;
  readonly start: number;
  readonly stored: number;
  readonly raw: number;
}

interface Chunk {
  readonly id: string;
  readonly length: number;
}

class OtherPack {
  readonly #body: Buffer;
  readonly #frames: readonly Frame[];
  readonly #blobs = new Map<string, readonly [frame: number, offset: number, length: number]>();
  readonly #chunked = new Map<string, readonly Chunk[]>();

  constructor(body: Buffer, indexBytes: number) {
    this.#body = body;
    const trailer = body.subarray(-52);
    const stored = trailer.readUInt32BE(32);
    check(trailer.subarray(44).toString("latin1") === "znpack\r\n", "no pack");
    const version = trailer.readUInt32BE(40);
    check(version === 1 || version === 2, "a pack of another version");
    check(indexBytes === stored + 52, `an index of ${stored} bytes, not ${indexBytes} - 52`);
    const start = body.length - 52 - stored;
    const deflated = body.subarray(start, -52);
    check(sha256(deflated) === trailer.toString("hex", 0, 32), "an index of another hash");
    const index = inflateRawSync(deflated);
    check(index.length === trailer.readUInt32BE(36) && index.length <= 2 ** 25, "index's length");
    const bytes = new Bytes(index);
    this.#frames = readFrames(bytes, start);
    this.#readBlobs(bytes);
    if (version === 2) this.#readChunked(bytes);
    check(bytes.atEnd, "more behind the index");
  }

  blob(id: string): Buffer | undefined {
    const place = this.#blobs.get(id);
    if (!place) return undefined;
    const [frame, offset, length] = place;
    const { start, stored, raw, isDeflated } = this.#frames[frame] as Frame;
    const body = this.#body.subarray(start, start + stored);
    const content = isDeflated ? inflateRawSync(body) : body;
    check(content.length === raw, `frame ${frame} has ${content.length} bytes`);
    check(offset + length <= raw, `a blob beyond frame ${frame}`);
    const blob = content.subarray(offset, offset + length);
    check(sha256(blob) === id, `a blob that is not ${id}`);
    return blob;
  }

  chunksOf(id: string): readonly Chunk[] {
    return this.#chunked.get(id) ?? [];
  }

  #readChunked(bytes: Bytes): void {
    const files = bytes.varint();
    check(files > 0, "no file in chunks");
    let before = "";
    for (let read = 0; read < files; read++) {
      const file = bytes.take(32).toString("hex");
      check(before < file, "files in chunks out of order");
      const chunks = Array.from({ length: bytes.varint() }, () => {
        const length = bytes.varint();
        return { length, id: bytes.take(32).toString("hex") };
      });
      const sum = chunks.reduce((total, { length }) => total + length, 0);
      const isCut = chunks.slice(0, -1).every(({ length }) => length >= 262_144);
      check(chunks.length > 1 && isCut && sum <= 2 ** 26, `${file} in such chunks`);
      this.#chunked.set(file, chunks);
      before = file;
    }
  }

  #readBlobs(bytes: Bytes): void {
    const ids = Array.from({ length: bytes.varint() }, () => bytes.take(32).toString("hex"));
    for (const [at, id] of ids.entries()) {
      check(at === 0 || (ids[at - 1] as string) < id, "ids out of order");
      const frame = bytes.varint();
      check(frame < this.#frames.length, "a frame that is none");
      this.#blobs.set(id, [frame, bytes.varint(), bytes.varint()]);
    }
  }
}

/** They lie back to back from byte 0 up to the index. */
function readFrames(bytes: Bytes, indexStart: number): readonly Frame[] {
  const count = bytes.varint();
  check(count <= 65_536, "too many frames");
  let start = 0;
  const frames = Array.from({ length: count }, () => {
    const [flags] = bytes.take(1);
    const [stored, raw] = [bytes.varint(), bytes.varint()];
    const isDeflated = ((flags as number) & 1) === 1;
    check((flags as number) <= 3, `flags ${flags}`);
    const frame = { isDeflated, start, stored, raw };
    start += stored;
    return frame;
  });
  check(start === indexStart, "frames that do not reach the index");
  return frames;
}

type Entry = { readonly name: string } & (
  | {
      readonly kind: "file";
      readonly executable: boolean;
      readonly bytes: number;
      readonly blob: string;
    }
  | { readonly kind: "directory"; readonly bytes: number; readonly blob: string }
  | { readonly kind: "link"; readonly target: string }
);

function* entriesOf(tree: Buffer): Iterable<Entry> {
  check(tree.subarray(0, 3).equals(Buffer.of(0x5a, 0x54, 0x01)), "no tree");
  const bytes = new Bytes(tree.subarray(3));
  let before: Buffer = Buffer.alloc(0);
  while (!bytes.atEnd) {
    const [kind] = bytes.take(1);
    const name = bytes.take(bytes.varint());
    check(Buffer.compare(before, name) < 0, "names out of order");
    check(name.length <= 255, "a long name");
    before = name;
    yield readEntry(kind as number, nameOf(name), bytes);
  }
}

function readEntry(kind: number, name: string, bytes: Bytes): Entry {
  check(kind <= 3, `an entry of kind ${kind}`);
  const length = bytes.varint();
  if (kind === 2) return { kind: "link", name, target: textOf(bytes.take(length)) };
  const blob = bytes.take(32).toString("hex");
  if (kind === 3) return { kind: "directory", name, bytes: length, blob };
  return { kind: "file", name, executable: kind === 1, bytes: length, blob };
}

function nameOf(bytes: Buffer): string {
  const name = textOf(bytes);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a name has none.
  check(!/^(\.|\.\.|\.git|)$/i.test(name) && !/[/\\\u0000-\u001f\u007f]/.test(name), "a bad name");
  return name;
}

const textOf = (bytes: Buffer): string => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

class Bytes {
  readonly #all: Buffer;
  #at = 0;

  constructor(all: Buffer) {
    this.#all = all;
  }

  get atEnd(): boolean {
    return this.#at === this.#all.length;
  }

  take(length: number): Buffer {
    const taken = this.#all.subarray(this.#at, this.#at + length);
    check(taken.length === length, "bytes that are not there");
    this.#at += length;
    return taken;
  }

  /** Unsigned LEB128 in the shortest form. */
  varint(): number {
    let value = 0;
    for (let weight = 1; ; weight *= 128) {
      const [byte] = this.take(1) as unknown as [number];
      value += (byte & 127) * weight;
      check(Number.isSafeInteger(value), "a number too large");
      if (byte >= 128) continue;
      check(byte > 0 || weight === 1, "a number in a longer form");
      return value;
    }
  }
}

function check(holds: unknown, what: string): asserts holds {
  if (!holds) throw new Error(`Another reader finds ${what}.`);
}
