import { KIB } from "../lib/bytes.ts";

const encoder = new TextEncoder();

/**
 * Bytes of UTF-8 that one answer takes, of text and of structured content, in one answer: some 16,000 tokens. A client that counts takes
 * more (Claude Code: 25,000 tokens by default), and a model can still think beside it.
 */
export const INLINE_TEXT_BYTES = 64 * KIB;

/** Bytes of UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

export interface PieceLimit {
  /** Of UTF-8. */
  readonly bytes: number;
  /** As `String.length` counts; absent: as many as the bytes hold. */
  readonly characters?: number;
}

/**
 * Where the piece of a text that begins at `start` ends. It ends behind a line where there is a line
 * end in its second half, never inside a surrogate pair, and holds one character at least, if any is left.
 */
export function endOfPiece(text: string, start: number, limit: PieceLimit): number {
  const { bytes, characters = bytes } = limit;
  const window = text.slice(start, start + Math.min(bytes, characters));
  const { read } = encoder.encodeInto(window, new Uint8Array(bytes));
  if (start + read >= text.length) return text.length;
  const end = betweenCharacters(text, start + read);
  const line = text.lastIndexOf("\n", end - 1) + 1;
  if (line > start + read / 2) return line;
  return Math.max(end, start + (isPairAt(text, start) ? 2 : 1));
}

/** The same place, or the one before it when it lies inside a surrogate pair. */
export function betweenCharacters(text: string, at: number): number {
  return at > 0 && isPairAt(text, at - 1) ? at - 1 : at;
}

function isPairAt(text: string, at: number): boolean {
  return (text.codePointAt(at) ?? 0) > 0xffff;
}
