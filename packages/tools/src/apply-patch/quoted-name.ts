const ESCAPED: ReadonlyMap<string, number> = new Map([
  ["a", 7],
  ["b", 8],
  ["t", 9],
  ["n", 10],
  ["v", 11],
  ["f", 12],
  ["r", 13],
  ['"', 34],
  ["\\", 92],
]);
const QUOTED = /^"((?:[^"\\]|\\(?:[abtnvfr"\\]|[0-3][0-7]{2}))*)"/;
const PIECES = /\\([0-3][0-7]{2}|.)|[^\\]+/g;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export interface Unquoted {
  readonly name: string;
  /** What stands behind the closing quote. */
  readonly rest: string;
}

/** A name as git quotes it (`core.quotePath`, C's escapes): `"\303\244"` is `ä`. Undefined: it is none, or no UTF-8. */
export function unquoteName(text: string): Unquoted | undefined {
  const [whole, body] = QUOTED.exec(text) ?? [];
  if (whole === undefined || body === undefined) return undefined;
  const bytes: number[] = [];
  for (const [piece, code] of body.matchAll(PIECES)) {
    if (code === undefined) bytes.push(...encoder.encode(piece));
    else bytes.push(ESCAPED.get(code) ?? Number.parseInt(code, 8));
  }
  try {
    return { name: decoder.decode(Uint8Array.from(bytes)), rest: text.slice(whole.length) };
  } catch {
    return undefined;
  }
}
