import { hostile } from "./incoming-files.ts";

export const TAR_BLOCK = 512;

/** One header block as it stands there. */
export interface TarHeader {
  /** A character, as POSIX and GNU have it. */
  readonly type: string;
  readonly path: string;
  readonly target: string;
  readonly mode: number;
  readonly bytes: number;
}

/** What a pax header, or GNU's own headers of long names, say of the entry behind them. */
export interface TarExtras {
  readonly path?: string;
  readonly target?: string;
  readonly bytes?: number;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Undefined: a block of zeros, with which an archive ends. @throws RefusedError `invalid_input`. */
export function parseTarHeader(block: Buffer): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (block.length < TAR_BLOCK) throw hostile("it is no tar archive, or it is cut off");
  if (readOctal(block.subarray(148, 156)) !== checksum(block)) {
    throw hostile("it is no tar archive, or a damaged one");
  }
  const isPosix = block.toString("latin1", 257, 263) === "ustar\0";
  const prefix = isPosix ? readText(block, 345, 155) : "";
  const name = readText(block, 0, 100);
  return {
    type: String.fromCharCode(block[156] || 0x30),
    path: prefix === "" ? name : `${prefix}/${name}`,
    target: readText(block, 157, 100),
    mode: readNumber(block, 100, 8),
    bytes: readNumber(block, 124, 12),
  };
}

/** With spaces in place of the sum itself. */
function checksum(block: Buffer): number {
  return block.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}

function readText(block: Buffer, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return toText(end < 0 ? field : field.subarray(0, end));
}

/** @throws RefusedError `invalid_input`. */
export function toText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw hostile("a name in it is not UTF-8", cause);
  }
}

/** Octal digits, or GNU's binary numbers, which begin with the highest bit. */
function readNumber(block: Buffer, start: number, length: number): number {
  const field = block.subarray(start, start + length);
  if (((field[0] ?? 0) & 0x80) !== 0) return readBinary(field);
  const value = readOctal(field);
  if (value !== undefined) return value;
  throw hostile("a number in the archive is none");
}

function readOctal(field: Buffer): number | undefined {
  const text = field.toString("latin1").replace(/^[ \0]+|[ \0]+$/g, "");
  if (!/^[0-7]*$/.test(text)) return undefined;
  return text === "" ? 0 : Number.parseInt(text, 8);
}

function readBinary(field: Buffer): number {
  const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
  if (field[0] === 0x80 && Number.isSafeInteger(value)) return value;
  throw hostile("a number in the archive is none");
}

/**
 * The records of a pax header (POSIX.1-2001): `<length> <key>=<value>\n`, the length counts all of it. Of many keys a few
 * matter here. @throws RefusedError `invalid_input`: also for a sparse file, whose content is not what is stored.
 */
export function parsePax(body: Buffer): TarExtras {
  let extras: TarExtras = {};
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at);
    const digits = body.toString("latin1", at, Math.max(at, Math.min(space, at + 10)));
    const end = at + Number(digits);
    if (!/^[1-9]\d*$/.test(digits) || end > body.length || end <= space + 1) throw badPax();
    const record = toText(body.subarray(space + 1, end));
    const equals = record.indexOf("=");
    if (equals < 1 || !record.endsWith("\n")) throw badPax();
    extras = { ...extras, ...toExtras(record.slice(0, equals), record.slice(equals + 1, -1)) };
    at = end;
  }
  return extras;
}

function toExtras(key: string, value: string): TarExtras {
  if (key.startsWith("GNU.sparse."))
    throw hostile("it holds a sparse file. Pack it without --sparse");
  if (key === "path") return { path: value };
  if (key === "linkpath") return { target: value };
  if (key !== "size") return {};
  if (!/^\d{1,15}$/.test(value)) throw badPax();
  return { bytes: Number(value) };
}

function badPax() {
  return hostile("a header in the archive is damaged");
}
