import { parsePath } from "@zenode/core";
import { badPatch } from "./patch.ts";
import { unquoteName } from "./quoted-name.ts";

/** By what stands before the value: `git` for `diff --git`, `---`, `rename from` … */
export type Headers = ReadonlyMap<string, string>;

export interface PatchNames {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly isCopy: boolean;
}

type Names = Omit<PatchNames, "isCopy">;

const NOWHERE = "/dev/null";

/**
 * Of which file the headers speak: as git writes them, `a/` and `b/` before the names, or (`--no-prefix`) nothing. All
 * that name the file have to agree. @throws RefusedError `invalid_input`, `invalid_path`.
 */
export function resolveNames(headers: Headers, line: number): PatchNames {
  checkKinds(headers, line);
  for (const isPrefixed of [true, false]) {
    const names = readNames(headers, isPrefixed);
    if (!names || !agrees(headers, names, isPrefixed)) continue;
    for (const name of [names.from, names.to]) if (name !== undefined) checkName(name, line);
    return { ...names, isCopy: headers.has("copy from") };
  }
  throw badPatch(
    line,
    "the headers name no file, or not one and the same. They are like `--- a/path` and `+++ b/path`; a rename has git's `rename from` and `rename to`.",
  );
}

function checkKinds(headers: Headers, line: number): void {
  const has = (name: string) => headers.has(name);
  const isMoved = has("rename from") || has("copy from");
  const kinds = [isMoved, isMade(headers), isDeleted(headers)].filter(Boolean).length;
  const isWhole = has("rename from") === has("rename to") && has("copy from") === has("copy to");
  const contradicts =
    (has("new file mode") && has("---") && headers.get("---") !== NOWHERE) ||
    (has("deleted file mode") && has("+++") && headers.get("+++") !== NOWHERE);
  if (kinds <= 1 && isWhole && !contradicts && !(has("rename from") && has("copy from"))) return;
  throw badPatch(
    line,
    "the headers contradict each other: a file is made, deleted, renamed or copied, one of these.",
  );
}

function isMade(headers: Headers): boolean {
  return headers.has("new file mode") || headers.get("---") === NOWHERE;
}

function isDeleted(headers: Headers): boolean {
  return headers.has("deleted file mode") || headers.get("+++") === NOWHERE;
}

function checkName(name: string, line: number): void {
  if (parsePath(name) === "") throw badPatch(line, "a path is empty.");
}

/** Undefined: read like this they name no file. */
function readNames(headers: Headers, isPrefixed: boolean): Names | undefined {
  const shown = headers.has("---") ? readShown(headers, isPrefixed) : undefined;
  if (headers.has("---") && !shown) return undefined;
  const source = headers.get("rename from") ?? headers.get("copy from");
  const target = headers.get("rename to") ?? headers.get("copy to");
  if (source !== undefined && target !== undefined) return readMoved(source, target, shown);
  if (!shown) return readTwice(headers, isPrefixed);
  return !shown.from || !shown.to || shown.from === shown.to ? shown : undefined;
}

/** Without a prefix; what stands behind `---` and `+++` has to be the same. */
function readMoved(source: string, target: string, shown: Names | undefined): Names | undefined {
  const [from, to] = [toName(source), toName(target)];
  if (from === undefined || to === undefined) return undefined;
  return !shown || (shown.from === from && shown.to === to) ? { from, to } : undefined;
}

/** The names behind `---` and `+++`. */
function readShown(headers: Headers, isPrefixed: boolean): Names | undefined {
  const read = (header: string, prefix: string) => {
    const raw = headers.get(header);
    if (raw === NOWHERE) return undefined;
    const name = toName(raw ?? "");
    if (name === undefined || (isPrefixed && !name.startsWith(prefix))) return "";
    return isPrefixed ? name.slice(prefix.length) : name;
  };
  const [from, to] = [read("---", "a/"), read("+++", "b/")];
  return from === "" || to === "" ? undefined : { from, to };
}

/** What stands there up to a tab: `diff -u` puts a time behind it, git a tab behind names with spaces. */
function toName(raw: string): string | undefined {
  if (!raw.startsWith('"')) return raw.replace(/\t.*$/s, "");
  const unquoted = unquoteName(raw);
  return unquoted && /^(?:\t.*)?$/s.test(unquoted.rest) ? unquoted.name : undefined;
}

/** The name that `diff --git` says twice. */
function readTwice(headers: Headers, isPrefixed: boolean): Names | undefined {
  const git = headers.get("git") ?? "";
  const half = git.startsWith('"') ? unquoteName(git)?.name : git.slice(0, (git.length - 1) / 2);
  const name = isPrefixed && half?.startsWith("a/") ? half.slice(2) : half;
  if (name === undefined || name === "") return undefined;
  return { from: isMade(headers) ? undefined : name, to: isDeleted(headers) ? undefined : name };
}

/** Whether `diff --git`, if it is there, names the same. */
function agrees(headers: Headers, { from, to }: Names, isPrefixed: boolean): boolean {
  const git = headers.get("git");
  if (git === undefined) return from !== undefined || to !== undefined;
  const [a, b] = isPrefixed ? ["a/", "b/"] : ["", ""];
  const rest = behindName(git, `${a}${from ?? to}`);
  if (!rest?.startsWith(" ")) return false;
  return behindName(rest.slice(1), `${b}${to ?? from}`) === "";
}

/** What stands behind a name, quoted or not; undefined: another name stands there. */
function behindName(text: string, name: string): string | undefined {
  if (text.startsWith('"')) {
    const unquoted = unquoteName(text);
    return unquoted?.name === name ? unquoted.rest : undefined;
  }
  return text.startsWith(name) ? text.slice(name.length) : undefined;
}
