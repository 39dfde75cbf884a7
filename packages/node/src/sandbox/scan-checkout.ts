import type { Dirent } from "node:fs";
import { lstat, opendir } from "node:fs/promises";
import path from "node:path";
import { isGitFolder, joinPath, MAX_ENTRIES, parsePath, RefusedError } from "@zenode/core";
import { IgnoreRules } from "../ignore-rules.ts";
import { OWNER_EXECUTES } from "../kept-entry.ts";

/** A file or link of a checkout. */
export interface FoundLeaf {
  readonly kind: "file" | "link";
  readonly path: string;
  readonly bytes: number;
  readonly executable: boolean;
}

/** What can't be a project's. Where it is a directory, nothing below it was looked at. */
export interface LeftOut {
  readonly path: string;
  readonly why: string;
}

interface Directory {
  readonly path: string;
  readonly rules: IgnoreRules;
  /** By ignore files: of it counts only what was in the snapshot. */
  readonly isIgnored: boolean;
}

interface Scan {
  readonly root: string;
  readonly known: ReadonlyMap<string, unknown>;
  /** Directories that hold something known. */
  readonly knownAbove: ReadonlySet<string>;
  readonly leaves: FoundLeaf[];
  readonly leftOut: LeftOut[];
  readonly left: Directory[];
}

/**
 * What of a folder counts: all that ignore files do not name, and what is `known` by its path whatever they say. No link
 * is followed. @throws RefusedError `too_large` over `MAX_ENTRIES`.
 */
export async function scanCheckout(
  root: string,
  known: ReadonlyMap<string, unknown>,
): Promise<Pick<Scan, "leaves" | "leftOut">> {
  const top = { path: "", rules: await IgnoreRules.own(root), isIgnored: false };
  const scan: Scan = {
    ...{ root, known, knownAbove: directoriesOf(known), leaves: [], leftOut: [], left: [top] },
  };
  let entries = 0;
  for (let next = scan.left.pop(); next; next = scan.left.pop()) {
    for await (const entry of list(scan, next)) {
      entries += 1;
      if (entries > MAX_ENTRIES) throw tooMany();
      await take(scan, next, entry);
    }
  }
  return scan;
}

function directoriesOf(known: ReadonlyMap<string, unknown>): ReadonlySet<string> {
  const directories = new Set<string>();
  for (const at of known.keys()) {
    for (let end = at.lastIndexOf("/"); end > 0; end = at.lastIndexOf("/", end - 1)) {
      const directory = at.slice(0, end);
      if (directories.has(directory)) break;
      directories.add(directory);
    }
  }
  return directories;
}

async function* list({ root, leftOut }: Scan, directory: Directory): AsyncGenerator<Dirent> {
  try {
    yield* await opendir(path.join(root, directory.path));
  } catch (cause) {
    const { code = "" } = cause as NodeJS.ErrnoException;
    if (!["EACCES", "EPERM", "ENAMETOOLONG"].includes(code)) throw cause;
    leftOut.push({ path: directory.path, why: "it can't be read" });
  }
}

async function take(scan: Scan, directory: Directory, entry: Dirent): Promise<void> {
  if (isGitFolder(entry.name)) return;
  const at = joinPath(directory.path, entry.name);
  const isDirectory = entry.isDirectory();
  const isIgnored = directory.isIgnored || directory.rules.leavesOut(isDirectory ? `${at}/` : at);
  const isKnown = isDirectory ? scan.knownAbove.has(at) : scan.known.has(at);
  if (isIgnored && !isKnown) return;
  const fault = findFault(at, entry);
  if (fault !== undefined) scan.leftOut.push({ path: at, why: fault });
  else if (isDirectory) await enter(scan, directory, at, isIgnored);
  else await addLeaf(scan, at);
}

async function enter(
  scan: Scan,
  { rules }: Directory,
  at: string,
  isIgnored: boolean,
): Promise<void> {
  try {
    scan.left.push({ path: at, rules: await rules.enter(scan.root, at), isIgnored });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EACCES") throw cause;
    scan.leftOut.push({ path: at, why: "it can't be read" });
  }
}

async function addLeaf({ root, leaves, leftOut }: Scan, at: string): Promise<void> {
  const facts = await lstat(path.join(root, at)).catch(() => undefined);
  if (!facts) {
    leftOut.push({ path: at, why: "its name is not UTF-8" });
    return;
  }
  const executable = (facts.mode & OWNER_EXECUTES) !== 0;
  const kind = facts.isSymbolicLink() ? "link" : "file";
  leaves.push({ kind, path: at, bytes: facts.size, executable });
}

/** Why something can't be a project's; undefined when it can. */
function findFault(at: string, entry: Dirent): string | undefined {
  if (!entry.isFile() && !entry.isDirectory() && !entry.isSymbolicLink()) {
    return "it is a pipe, a socket or a device";
  }
  try {
    parsePath(at);
    return undefined;
  } catch (cause) {
    if (cause instanceof RefusedError) return "its name can't be a project's";
    throw cause;
  }
}

function tooMany(): RefusedError {
  return new RefusedError(
    "too_large",
    `The folder holds over ${MAX_ENTRIES} files and directories. Name what is not to be kept in .gitignore.`,
  );
}
