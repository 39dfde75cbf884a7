import { RefusedError } from "../lib/error.ts";
import { isGitFolder } from "./git-name.ts";
import { MAX_NAME_BYTES, MAX_PATH_BYTES } from "./limits.ts";

const encoder = new TextEncoder();
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\\]/;
const PROJECT_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/**
 * A path inside a tree: relative, `/` between names, "" for the root.
 * @throws RefusedError `invalid_path` for `.`, `..`, `.git`, empty names, absolute paths, backslashes, control
 *   characters, lone surrogates, names over 255 and paths over 4096 bytes.
 */
export function parsePath(text: string): string {
  if (text === "") return text;
  if (text.startsWith("/")) throw badPath(text, "it must be relative to the project");
  for (const name of text.split("/")) {
    const fault = findNameFault(name);
    if (fault !== undefined) throw badPath(text, fault);
  }
  if (isLonger(text, MAX_PATH_BYTES)) {
    throw badPath(text, `it is over ${MAX_PATH_BYTES} bytes`);
  }
  return text;
}

/** Why a text is no name of a file or directory; undefined when it is one. */
export function findNameFault(name: string): string | undefined {
  if (name === "") return "a name in it is empty";
  if (name === "." || name === "..") return `"${name}" is not allowed`;
  if (name.includes("/")) return "a name has no slash";
  if (FORBIDDEN.test(name)) return "it has a backslash or a control character";
  if (!name.isWellFormed()) return "it is not valid Unicode";
  if (isLonger(name, MAX_NAME_BYTES)) {
    return `a name in it is over ${MAX_NAME_BYTES} bytes`;
  }
  if (isGitFolder(name)) return "git's own folder is no part of a project";
  return undefined;
}

/** Whether a text has more bytes as UTF-8; a unit of UTF-16 has three at most, so most texts need not be encoded. */
function isLonger(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && encoder.encode(text).length > bytes;
}

function badPath(text: string, why: string): RefusedError {
  const shown = JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
  return new RefusedError("invalid_path", `The path ${shown} can't be used: ${why}.`);
}

/** @throws RefusedError `invalid_input`. */
export function parseProjectName(text: string): string {
  if (PROJECT_NAME.test(text)) return text;
  throw new RefusedError(
    "invalid_input",
    `${JSON.stringify(text.slice(0, 100))} is no project name: 1 to 64 of a-z, 0-9, ".", "_", "-", a letter or digit first.`,
  );
}

/**
 * Orders paths name by name, names by their UTF-8 bytes: `a/b` before `a.txt`, as trees lie and as
 * `rg --sort path` lists them. Negative, 0 or positive.
 */
export function comparePaths(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** UTF-16 units in UTF-8's order (surrogates stand for the highest characters); the slash below all. */
function rank(unit: number): number {
  if (unit === 0x2f) return -1;
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
}

/** `src` and `a.ts` -> `src/a.ts`; the root adds nothing. */
export function joinPath(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}
