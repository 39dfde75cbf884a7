import { crc32, deflateRawSync } from "node:zlib";

/** An entry as it is written, byte for byte, whatever a reader may think of it. */
export interface ZipEntry {
  readonly path: string | Uint8Array;
  readonly content?: string | Uint8Array;
  /** With its kind, as Unix has it; a plain file unless it says otherwise. */
  readonly mode?: number;
  readonly flags?: number;
  readonly method?: number;
  readonly stored?: boolean;
  readonly crc?: number;
  /** Uncompressed, as it says. */
  readonly size?: number;
  /** Its name before its content, where that is another one. */
  readonly inner?: string;
  /** Nothing is written for it: it lies where the one before it lies. */
  readonly overlaps?: boolean;
}

export interface ZipEnding {
  readonly entries?: number;
  /** Where the central directory is said to begin. */
  readonly directory?: number;
}

const UTF8 = 0x800;

export function zipOf(entries: readonly ZipEntry[], ending: ZipEnding = {}): Buffer {
  const written: Buffer[] = [];
  const directory: Buffer[] = [];
  let [offset, last] = [0, 0];
  for (const entry of entries) {
    const { path, content = "", mode = 0o100644, stored = false, overlaps = false } = entry;
    const bytes = Buffer.from(content);
    const body = stored ? bytes : deflateRawSync(bytes);
    const common = fieldsOf(entry, bytes, body);
    const inner = Buffer.from(entry.inner ?? path);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), common, inner, body]);
    if (!overlaps) {
      last = offset;
      written.push(local);
      offset += local.length;
    }
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(mode * 0x10000, 6);
    rest.writeUInt32LE(last, 10);
    const madeBy = Buffer.from([20, 3]);
    directory.push(Buffer.from("PK\u0001\u0002"), madeBy, common, rest, Buffer.from(path));
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006");
  end.writeUInt16LE(ending.entries ?? entries.length, 8);
  end.writeUInt16LE(ending.entries ?? entries.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(ending.directory ?? offset, 16);
  return Buffer.concat([...written, listed, end]);
}

/** What stands in both headers. */
function fieldsOf(entry: ZipEntry, bytes: Buffer, body: Buffer): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(entry.flags ?? UTF8, 2);
  fields.writeUInt16LE(entry.method ?? (entry.stored ? 0 : 8), 4);
  fields.writeUInt32LE(entry.crc ?? crc32(bytes), 10);
  fields.writeUInt32LE(body.length, 14);
  fields.writeUInt32LE(entry.size ?? bytes.length, 18);
  fields.writeUInt16LE(Buffer.byteLength(entry.path), 22);
  return fields;
}
