import type { Dirent } from "node:fs";
import { lstat, readdir, readlink, realpath } from "node:fs/promises";
import path from "node:path";
import {
  comparePaths,
  type FileSource,
  isGitFolder,
  joinPath,
  MAX_FILE_BYTES,
  readAhead,
  type SourceFile,
} from "@zenode/core";
import { IgnoreRules } from "./ignore-rules.ts";
import { readConfined } from "./live-folder/read-confined.ts";

const LOOKS_AT_ONCE = 32;
export const OWNER_EXECUTES = 0o100;

/**
 * The files of a local folder that a push takes, sorted by `comparePaths`: without `.git`, without what
 * `.gitignore` and `.zenodeignore` files leave out (nested ones count below their directory), links as
 * links. Sockets, pipes and devices are passed over. Rules above the folder do not count. What is no longer the file that
 * was found when it is read (a link, a pipe, moved by a link above) is refused, never followed.
 */
export async function scanFolder(place: string): Promise<readonly SourceFile[]> {
  const folder = await realpath(place);
  const found: SourceFile[] = [];
  const left = [{ directory: "", rules: await IgnoreRules.read(folder) }];
  for (let next = left.pop(); next; next = left.pop()) {
    const { directory, rules } = next;
    const entries = await readdir(path.join(folder, directory), { withFileTypes: true });
    const kept = entries.filter((entry) => isKept(entry, directory, rules));
    const looked = readAhead(kept, { items: LOOKS_AT_ONCE }, (entry) =>
      entry.isDirectory()
        ? Promise.resolve(undefined)
        : look(folder, joinPath(directory, entry.name)),
    );
    for await (const file of looked) if (file) found.push(file);
    for (const entry of kept) {
      if (!entry.isDirectory()) continue;
      const below = joinPath(directory, entry.name);
      left.push({ directory: below, rules: await rules.enter(folder, below) });
    }
  }
  return found.sort((a, b) => comparePaths(a.path, b.path));
}

/** A folder as a push reads it. */
export function openFolder(folder: string): FileSource {
  return { list: () => scanFolder(folder) };
}

/** Whether a push takes what a directory holds under this name; `directory` is relative to the folder. */
export function isKept(
  entry: Pick<Dirent, "name" | "isDirectory" | "isFile" | "isSymbolicLink">,
  directory: string,
  rules: IgnoreRules,
): boolean {
  if (isGitFolder(entry.name)) return false;
  const relative = joinPath(directory, entry.name);
  if (entry.isDirectory()) return !rules.leavesOut(`${relative}/`);
  return (entry.isFile() || entry.isSymbolicLink()) && !rules.leavesOut(relative);
}

async function look(folder: string, relative: string): Promise<SourceFile> {
  const absolute = path.join(folder, relative);
  const facts = await lstat(absolute);
  if (facts.isSymbolicLink()) {
    return { kind: "link", path: relative, target: await readlink(absolute) };
  }
  return {
    kind: "file",
    path: relative,
    bytes: facts.size,
    executable: (facts.mode & OWNER_EXECUTES) !== 0,
    read: () => readConfined(folder, relative, MAX_FILE_BYTES),
  };
}
