import { promisify } from "node:util";
import { crc32, deflateRaw } from "node:zlib";
import type { ArchivedFile } from "./archived-file.ts";

const deflate = promisify(deflateRaw);

/** Names are UTF-8 (general purpose bit 11). */
const FLAGS = 0x800;
const STORED = 0;
/** What is smaller hardly shrinks, and links are many. */
const LEAST_DEFLATED = 64;
const DEFLATED = 8;
/** Needs version 2.0; made on Unix, so the upper half of the external attributes is a mode. */
const NEEDED = 20;
const MADE_BY = (3 << 8) | NEEDED;
/** As many entries, or more, are counted in the records of zip64. */
const MANY = 0xffff;
const ZIP64 = 45;

/** How an entry lies in the archive. */
interface Placed {
  readonly name: Buffer;
  readonly mode: number;
  /** Of both headers: from the version needed to the length of the extra field. */
  readonly common: Buffer;
  readonly offset: number;
}

/**
 * A zip (PKWARE's APPNOTE.TXT, 6.3). Sizes stand before contents, so it can be read as a stream; offsets fit 32
 * bits, since no archive that is stored here has 4 GiB. `madeAt`: seconds since the epoch.
 */
export async function* writeZip(
  files: AsyncIterable<ArchivedFile>,
  madeAt: number,
): AsyncGenerator<Uint8Array> {
  const placed: Placed[] = [];
  const time = toDosTime(madeAt);
  let offset = 0;
  for await (const file of files) {
    const name = Buffer.from(file.path);
    const content = file.kind === "link" ? Buffer.from(file.target) : file.content;
    const small = content.length < LEAST_DEFLATED ? content : await deflate(content);
    const isDeflated = small.length < content.length;
    const body = isDeflated ? small : content;
    const method = isDeflated ? DEFLATED : STORED;
    const common = commonFields({ method, time, content, stored: body.length, name });
    placed.push({ name, mode: toMode(file), common, offset });
    const local = Buffer.concat([signature("PK\u0003\u0004"), common, name]);
    yield local;
    yield body;
    offset += local.length + body.length;
  }
  const directory = Buffer.concat(placed.map(directoryEntry));
  yield directory;
  yield ending({ entries: placed.length, bytes: directory.length, offset });
}

function toMode(file: ArchivedFile): number {
  if (file.kind === "link") return 0o120777;
  return file.executable ? 0o100755 : 0o100644;
}

function commonFields({
  method,
  time,
  content,
  stored,
  name,
}: {
  readonly method: number;
  readonly time: number;
  readonly content: Uint8Array;
  readonly stored: number;
  readonly name: Buffer;
}): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(NEEDED, 0);
  fields.writeUInt16LE(FLAGS, 2);
  fields.writeUInt16LE(method, 4);
  fields.writeUInt32LE(time, 6);
  fields.writeUInt32LE(crc32(content), 10);
  fields.writeUInt32LE(stored, 14);
  fields.writeUInt32LE(content.length, 18);
  fields.writeUInt16LE(name.length, 22);
  return fields;
}

function directoryEntry({ name, mode, common, offset }: Placed): Buffer {
  const madeBy = Buffer.alloc(2);
  madeBy.writeUInt16LE(MADE_BY);
  // Comment length, disk and internal attributes are 0.
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(mode * 0x10000, 6);
  rest.writeUInt32LE(offset, 10);
  return Buffer.concat([signature("PK\u0001\u0002"), madeBy, common, rest, name]);
}

interface Directory {
  readonly entries: number;
  readonly bytes: number;
  readonly offset: number;
}

function ending(directory: Directory): Buffer {
  const { entries, bytes, offset } = directory;
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", "latin1");
  const count = Math.min(entries, MANY);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(bytes, 12);
  end.writeUInt32LE(offset, 16);
  return entries < MANY ? end : Buffer.concat([zip64Ending(directory), end]);
}

/** The end of the central directory with 64-bit numbers, and where it lies. */
function zip64Ending({ entries, bytes, offset }: Directory): Buffer {
  const end = Buffer.alloc(56);
  end.write("PK\u0006\u0006", "latin1");
  end.writeBigUInt64LE(44n, 4);
  end.writeUInt16LE((3 << 8) | ZIP64, 12);
  end.writeUInt16LE(ZIP64, 14);
  end.writeBigUInt64LE(BigInt(entries), 24);
  end.writeBigUInt64LE(BigInt(entries), 32);
  end.writeBigUInt64LE(BigInt(bytes), 40);
  end.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.write("PK\u0006\u0007", "latin1");
  locator.writeBigUInt64LE(BigInt(offset + bytes), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([end, locator]);
}

function signature(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

/** Date and time as MS-DOS has them, in UTC; from 1980, two seconds a step. */
function toDosTime(madeAt: number): number {
  const date = new Date(madeAt * 1000);
  const year = Math.max(0, date.getUTCFullYear() - 1980);
  const day = (year << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate();
  const time =
    (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1);
  return day * 0x10000 + time;
}
