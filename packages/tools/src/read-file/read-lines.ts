import { RefusedError, type Snapshot } from "@zenode/core";
import { countNewlines, decodeText, isBinary } from "../project/text-file.ts";

const NEWLINE = 10;

/** Lines of a file that follow one another, with their ends. */
export interface FileLines {
  readonly lines: readonly string[];
  /** The number of the first, from 1; negative: from the end. */
  readonly first: number;
  /** Of the file; undefined: it is large, and was not read to find out. */
  readonly total: number | undefined;
}

/**
 * The lines of a file from one on: those up to `end`, or more than `bytes` of them. Of a large file no more is read than
 * that takes. @throws RefusedError `invalid_input` (no text), and those of `Snapshot.readParts`.
 */
export async function readHead(
  snapshot: Snapshot,
  path: string,
  { start, end, bytes }: { readonly start: number; readonly end: number; readonly bytes: number },
): Promise<FileLines> {
  const kept: Uint8Array[] = [];
  /** Newlines before what is kept, and in it; where the first line begins in it. */
  let [before, newlines, from, isEnd] = [0, 0, 0, false];
  for await (const { content, isLast } of snapshot.readParts(path, "start")) {
    const count = countNewlines(content);
    isEnd = isLast;
    if (kept.length === 0 && before + count < start - 1 && !isLast) {
      before += count;
      continue;
    }
    if (kept.length === 0) from = findLine(content, start - 1 - before);
    kept.push(content);
    newlines += count;
    if (before + newlines >= end || sizeOf(kept) - from > bytes) break;
  }
  const content = Buffer.concat(kept);
  const lines = toLines(path, isEnd ? content.subarray(from) : endWell(content.subarray(from)));
  const isOpen = content.length > 0 && content.at(-1) !== NEWLINE;
  return { lines, first: start, total: isEnd ? before + newlines + Number(isOpen) : undefined };
}

/** At least so many lines at a file's end, as far as there are so many. @throws RefusedError as `readHead`. */
export async function readTail(
  snapshot: Snapshot,
  path: string,
  count: number,
): Promise<FileLines> {
  const kept: Uint8Array[] = [];
  let [newlines, isWhole] = [0, false];
  for await (const { content, isLast } of snapshot.readParts(path, "end")) {
    kept.unshift(content);
    newlines += countNewlines(content);
    isWhole = isLast;
    // One more than lines: behind it begins the first.
    if (newlines > count) break;
  }
  const content = Buffer.concat(kept);
  if (!isWhole) {
    const lines = toLines(path, content.subarray(content.indexOf(NEWLINE) + 1));
    return { lines, first: -lines.length, total: undefined };
  }
  const lines = toLines(path, content);
  return { lines, first: 1, total: lines.length };
}

function toLines(path: string, content: Uint8Array): readonly string[] {
  const text = isBinary(content) ? undefined : decodeText(content);
  if (text !== undefined) return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  throw new RefusedError(
    "invalid_input",
    `${path} is a binary file or not UTF-8; read_file gives text only.`,
  );
}

/** Where the line behind so many newlines begins; the end, if there are fewer. */
function findLine(content: Uint8Array, newlines: number): number {
  let at = 0;
  for (let passed = 0; passed < newlines; passed++) {
    const newline = content.indexOf(NEWLINE, at);
    if (newline < 0) return content.length;
    at = newline + 1;
  }
  return at;
}

/** Whole lines, or the beginning of one without its last character, which may be cut. */
function endWell(content: Uint8Array): Uint8Array {
  const newline = content.lastIndexOf(NEWLINE);
  if (newline >= 0) return content.subarray(0, newline + 1);
  const last = content.findLastIndex((byte) => (byte & 0xc0) !== 0x80);
  return content.subarray(0, Math.max(0, last));
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}
