import { createHash } from "node:crypto";
import { deflateRawSync } from "node:zlib";

/** Trees and packs as somebody else's program may write them (docs/data-model/workspace.md); nothing is checked. */

export const sha256 = (content: Uint8Array): string =>
  createHash("sha256").update(content).digest("hex");

/** LEB128: seven bits a byte, the lowest first. */
export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}

const sized = (text: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(text as string);
  return Buffer.concat([varint(bytes.length), bytes]);
};

type Text = string | Uint8Array;

/** Kind 0 or 1: a file, 3: a directory. */
export const entry = (kind: number, name: Text, bytes: number, blob: string): Buffer =>
  Buffer.concat([Buffer.of(kind), sized(name), varint(bytes), Buffer.from(blob, "hex")]);

export const fileOf = (name: Text, content: Uint8Array): Buffer =>
  entry(0, name, content.length, sha256(content));

export const directoryOf = (name: Text, content: Uint8Array): Buffer =>
  entry(3, name, content.length, sha256(content));

export const linkOf = (name: Text, target: Text): Buffer =>
  Buffer.concat([Buffer.of(2), sized(name), sized(target)]);

export const treeOf = (...entries: readonly Uint8Array[]): Buffer =>
  Buffer.concat([Buffer.from("ZT\x01"), ...entries]);

export interface HandFrame {
  readonly flags: number;
  readonly stored: Uint8Array;
  /** As the index says it; absent: the stored length. */
  readonly storedBytes?: number;
  readonly rawBytes: number;
}

export interface HandBlob {
  readonly id: string;
  readonly frame: number;
  readonly offset: number;
  readonly bytes: number;
}

/** The index of a pack before compression; counts may be false. */
export function indexOf(
  frames: readonly HandFrame[],
  blobs: readonly HandBlob[],
  counts: { readonly frames?: number; readonly blobs?: number } = {},
): Buffer {
  return Buffer.concat([
    varint(counts.frames ?? frames.length),
    ...frames.map(({ flags, stored, storedBytes = stored.length, rawBytes }) =>
      Buffer.concat([Buffer.of(flags), varint(storedBytes), varint(rawBytes)]),
    ),
    varint(counts.blobs ?? blobs.length),
    ...blobs.map(({ id }) => Buffer.from(id, "hex")),
    ...blobs.map(({ frame, offset, bytes }) =>
      Buffer.concat([varint(frame), varint(offset), varint(bytes)]),
    ),
  ]);
}

export interface HandChunks {
  /** Of the file. */
  readonly id: string;
  readonly chunks: readonly { readonly bytes: number; readonly id: string }[];
}

/** What follows in the index of a pack of version 2. */
export function chunkedOf(files: readonly HandChunks[]): Buffer {
  return Buffer.concat([
    varint(files.length),
    ...files.flatMap(({ id, chunks }) => [
      Buffer.from(id, "hex"),
      varint(chunks.length),
      ...chunks.flatMap((chunk) => [varint(chunk.bytes), Buffer.from(chunk.id, "hex")]),
    ]),
  ]);
}

export interface Trailer {
  readonly hash?: string;
  readonly indexBytes?: number;
  readonly rawIndexBytes?: number;
  readonly version?: number;
  readonly magic?: string;
}

/** Frames, deflated index, trailer; what is in `trailer` is said instead of the truth. */
export function sealPack(
  frames: readonly HandFrame[],
  index: Uint8Array,
  trailer: Trailer = {},
  deflated: Uint8Array = deflateRawSync(index),
): Buffer {
  const end = Buffer.alloc(52);
  end.set(Buffer.from(trailer.hash ?? sha256(deflated), "hex"));
  end.writeUInt32BE(trailer.indexBytes ?? deflated.length, 32);
  end.writeUInt32BE(trailer.rawIndexBytes ?? index.length, 36);
  end.writeUInt32BE(trailer.version ?? 1, 40);
  end.write(trailer.magic ?? "znpack\r\n", 44, "latin1");
  return Buffer.concat([...frames.map(({ stored }) => stored), deflated, end]);
}

/** A pack as it should be, each blob in a frame of its own. */
export function packOf(contents: readonly Uint8Array[]): Buffer {
  const unique = [...new Map(contents.map((content) => [sha256(content), content]))];
  const frames = unique.map(([, content]) => {
    const stored = deflateRawSync(content);
    return { flags: 1, stored, rawBytes: content.length };
  });
  const blobs = unique.map(([id, { length }], frame) => ({ id, frame, offset: 0, bytes: length }));
  return sealPack(frames, indexOf(frames, sortBlobs(blobs)));
}

export function sortBlobs(blobs: readonly HandBlob[]): readonly HandBlob[] {
  return blobs.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
