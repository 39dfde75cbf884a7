/**
 * Writes a pattern of RE2's syntax in that of ripgrep's engine (Rust's `regex`), so that both match the
 * same lines. They differ in: ASCII or Unicode meaning of \d \w \s \b; set operations and nesting
 * inside [ ]; \A \z and the flags m, s, U (all without meaning where lines are matched one by one);
 * octal and \Q…\E. Every literal is written as a code point, so none can mean something else.
 * Sources: github.com/google/re2/wiki/Syntax, docs.rs/regex "Syntax".
 * The pattern must be one that RE2 takes.
 */
export function toRustPattern(pattern: string): string {
  const cursor: Cursor = { text: [...pattern], at: 0 };
  let rust = "";
  while (cursor.at < cursor.text.length) rust += readToken(cursor);
  return rust;
}

interface Cursor {
  /** Code points. */
  readonly text: readonly string[];
  at: number;
}

const SETS: Readonly<Record<string, string>> = {
  d: "[0-9]",
  D: "[^0-9]",
  w: "[0-9A-Za-z_]",
  W: "[^0-9A-Za-z_]",
  s: "[\\t\\n\\f\\r ]",
  S: "[^\\t\\n\\f\\r ]",
};

const ASSERTIONS: Readonly<Record<string, string>> = {
  A: "^",
  z: "$",
  b: "(?-u:\\b)",
  B: "(?-u:\\B)",
};

const CONTROLS: Readonly<Record<string, number>> = { a: 7, t: 9, n: 10, v: 11, f: 12, r: 13 };

function readToken(cursor: Cursor): string {
  const next = cursor.text[cursor.at] ?? "";
  if (next === "\\") return readEscape(cursor);
  if (next === "[") return readClass(cursor);
  if (next === "(") return readGroup(cursor);
  if (next === "{") return readBrace(cursor);
  cursor.at++;
  return "*+?|^$.)".includes(next) ? next : literal(next);
}

function literal(character: string): string {
  return toRune(character.codePointAt(0) ?? 0);
}

function toRune(code: number): string {
  return `\\x{${code.toString(16)}}`;
}

/** What follows the cursor, if the (sticky, code-point) expression matches there; moves behind it. */
function take(cursor: Cursor, expression: RegExp): RegExpExecArray | undefined {
  const match = expression.exec(cursor.text.slice(cursor.at).join(""));
  if (match) cursor.at += [...match[0]].length;
  return match ?? undefined;
}

function readEscape(cursor: Cursor): string {
  const quoted = take(cursor, /^\\Q(.*?)(?:\\E|$)/su);
  if (quoted) return [...(quoted[1] ?? "")].map(literal).join("");
  const next = cursor.text[cursor.at + 1] ?? "";
  const assertion = ASSERTIONS[next];
  if (assertion === undefined) return readSet(cursor) ?? toRune(readCharacter(cursor));
  cursor.at += 2;
  return assertion;
}

/** \d, \pL, \p{^Greek} and their like, inside and outside of [ ]. */
function readSet(cursor: Cursor): string | undefined {
  const perl = take(cursor, /^\\([dDwWsS])/u);
  if (perl) return SETS[perl[1] ?? ""];
  const unicode = take(cursor, /^\\([pP])(?:\{(\^?)(\w+)\}|(\w))/u);
  if (!unicode) return undefined;
  const [, sign, negated, long, short] = unicode;
  const positive = (sign === "p") !== (negated === "^");
  return `\\${positive ? "p" : "P"}{${long ?? short}}`;
}

/** One character, escaped or not. */
function readCharacter(cursor: Cursor): number {
  const long = take(cursor, /^\\x\{([0-9A-Fa-f]+)\}/u);
  if (long) return Number.parseInt(long[1] ?? "", 16);
  const short = take(cursor, /^\\x([0-9A-Fa-f]{2})/u);
  if (short) return Number.parseInt(short[1] ?? "", 16);
  const octal = take(cursor, /^\\([0-7]{1,3})/u);
  if (octal) return Number.parseInt(octal[1] ?? "", 8);
  if (cursor.text[cursor.at] === "\\") cursor.at++;
  const character = cursor.text[cursor.at++] ?? "";
  const isEscaped = cursor.text[cursor.at - 2] === "\\";
  return (isEscaped ? CONTROLS[character] : undefined) ?? character.codePointAt(0) ?? 0;
}

function readClass(cursor: Cursor): string {
  cursor.at++;
  let rust = take(cursor, /^\^/u) ? "[^" : "[";
  // A ] that comes first is itself.
  let first = true;
  while (cursor.at < cursor.text.length && (first || cursor.text[cursor.at] !== "]")) {
    first = false;
    rust += readClassItem(cursor);
  }
  cursor.at++;
  return `${rust}]`;
}

function readClassItem(cursor: Cursor): string {
  const posix = take(cursor, /^\[:\^?\w+:\]/u);
  if (posix) return posix[0];
  const set = readSet(cursor);
  if (set !== undefined) return set;
  const low = readCharacter(cursor);
  const isRange = cursor.text[cursor.at] === "-" && cursor.text[cursor.at + 1] !== "]";
  if (!isRange || cursor.at + 1 >= cursor.text.length) return toRune(low);
  cursor.at++;
  return `${toRune(low)}-${toRune(readCharacter(cursor))}`;
}

function readGroup(cursor: Cursor): string {
  const flags = take(cursor, /^\(\?([imsU]*)(?:-([imsU]*))?([:)])/u);
  if (flags) {
    const [, on = "", off = "", end] = flags;
    const kept = `${on.includes("i") ? "i" : ""}${off.includes("i") ? "-i" : ""}`;
    if (end === ":") return `(?${kept}:`;
    return kept === "" ? "(?:)" : `(?${kept})`;
  }
  // Names serve nobody here.
  if (!take(cursor, /^\(\?P?<\w+>/u)) cursor.at++;
  return "(";
}

/** A brace that is no repetition is itself. */
function readBrace(cursor: Cursor): string {
  const repetition = take(cursor, /^\{\d+(?:,\d*)?\}/u);
  if (repetition) return repetition[0];
  cursor.at++;
  return literal("{");
}
