import { RefusedError } from "@zenode/core";

/**
 * Writes a pattern of RE2's syntax in that of ripgrep's engine (Rust's `regex`), so that both match the
 * same lines. They differ in: ASCII or Unicode meaning of \d \w \s \b; set operations and nesting
 * inside [ ]; \A \z and the flags m, s, U (all without meaning where lines are matched one by one);
 * octal and \Q…\E. Every literal is written as a code point, so none can mean something else.
 * Sources: github.com/google/re2/wiki/Syntax, docs.rs/regex "Syntax".
 * The pattern must be one that RE2 takes.
 * @throws RefusedError `invalid_input` for a newline to be matched (no line has one), for `\B` (Rust's
 *   ASCII form also matches inside of a character's bytes), for a repetition behind bare flags.
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
};

const NEWLINE = 10;
/** Rust's class of no character at all. */
const NOTHING = "[^\\x{0}-\\x{10FFFF}]";
const CONTROLS: Readonly<Record<string, number>> = { a: 7, t: 9, n: NEWLINE, v: 11, f: 12, r: 13 };

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
  return outsideClass(character.codePointAt(0) ?? 0);
}

function outsideClass(code: number): string {
  if (code !== NEWLINE) return toRune(code);
  throw refuse(
    "it has a newline, but lines are searched one by one; search for a part of one line",
  );
}

function refuse(why: string): RefusedError {
  return new RefusedError("invalid_input", `The pattern can't be used: ${why}.`);
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
  if (next === "B") throw refuse("\\B is not supported");
  const assertion = ASSERTIONS[next];
  if (assertion === undefined) return readSet(cursor) ?? outsideClass(readCharacter(cursor));
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
  const isEscaped = cursor.text[cursor.at] === "\\";
  if (isEscaped) cursor.at++;
  const character = cursor.text[cursor.at++] ?? "";
  return (isEscaped ? CONTROLS[character] : undefined) ?? character.codePointAt(0) ?? 0;
}

function readClass(cursor: Cursor): string {
  cursor.at++;
  const negated = take(cursor, /^\^/u) !== undefined;
  let items = "";
  // A ] that comes first is itself.
  let first = true;
  while (cursor.at < cursor.text.length && (first || cursor.text[cursor.at] !== "]")) {
    first = false;
    items += readClassItem(cursor);
  }
  cursor.at++;
  if (negated) return `[^\\x{a}${items}]`;
  return items === "" ? NOTHING : `[${items}]`;
}

/** A newline by itself adds nothing to a class, as no line has one; ripgrep would refuse it alone. */
function readClassItem(cursor: Cursor): string {
  const posix = take(cursor, /^\[:\^?\w+:\]/u);
  if (posix) return posix[0];
  const set = readSet(cursor);
  if (set !== undefined) return set;
  const low = readCharacter(cursor);
  const isRange = cursor.text[cursor.at] === "-" && cursor.text[cursor.at + 1] !== "]";
  if (isRange) cursor.at++;
  const high = isRange ? readCharacter(cursor) : low;
  if (low === NEWLINE && high === NEWLINE) return "";
  return low === high ? toRune(low) : `${toRune(low)}-${toRune(high)}`;
}

function readGroup(cursor: Cursor): string {
  const flags = take(cursor, /^\(\?([imsU]*)(?:-([imsU]*))?([:)])/u);
  if (flags) {
    const [, on = "", off = "", end] = flags;
    const kept = `${on.includes("i") ? "i" : ""}${off.includes("i") ? "-i" : ""}`;
    if (end === ":") return `(?${kept}:`;
    if (/^(?:[*+?]|\{\d)/.test(cursor.text.slice(cursor.at, cursor.at + 2).join(""))) {
      throw refuse("a repetition stands behind flags");
    }
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
