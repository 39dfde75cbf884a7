import { constants } from "node:fs";
import { link, lstat, open, rename, rm, rmdir, symlink } from "node:fs/promises";
import type { ConfinedDirectory } from "./confined-directory.ts";
import { stampOf } from "./file-stamp.ts";
import { OWNER_EXECUTES } from "./kept-entry.ts";
import { temporaryName } from "./temporary-name.ts";

/** A new file, never through a link. */
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const ALL_EXECUTE = 0o111;

export type NewFile =
  | { readonly kind: "file"; readonly content: Uint8Array; readonly executable: boolean }
  | { readonly kind: "link"; readonly target: string };

/** What may be replaced: nothing, whatever is there, or what has exactly this stamp. */
export type Replaces = "nothing" | "anything" | { readonly stamp: string };

/**
 * Puts a file or link at a name, whole or not at all. The stamp of what lies there now; undefined: something else is there
 * than what may be replaced, and stays. Between the look at it and the replacement is one system call.
 */
export async function placeFile(
  directory: ConfinedDirectory,
  name: string,
  file: NewFile,
  replaces: Replaces,
): Promise<string | undefined> {
  const [target, temporary] = [directory.at(name), directory.at(temporaryName())];
  const before = await look(target);
  try {
    if (file.kind === "link") await symlink(file.target, temporary);
    else await writeNew(temporary, file, before?.isFile() ? Number(before.mode) : undefined);
    if (replaces === "nothing") {
      if (!(await moveToFree(temporary, target))) return undefined;
    } else {
      if (replaces !== "anything" && (await stampAt(target)) !== replaces.stamp) return undefined;
      await rename(temporary, target);
    }
    return await stampAt(target);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Undefined: nothing is there. */
export async function stampAt(file: string): Promise<string | undefined> {
  const facts = await look(file);
  return facts && stampOf(facts);
}

async function look(file: string) {
  return lstat(file, { bigint: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return undefined;
    throw cause;
  });
}

/** File systems without hard links (FAT, some of networks). */
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/** A second name fails where something is; a rename would replace it. Empty directories give way. */
async function moveToFree(temporary: string, target: string): Promise<boolean> {
  if (await takeName(temporary, target)) return true;
  return (await removeEmpty(target)) && takeName(temporary, target);
}

async function takeName(temporary: string, target: string): Promise<boolean> {
  try {
    await link(temporary, target);
    await rm(temporary);
    return true;
  } catch (cause) {
    const { code = "" } = cause as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (!NO_LINKS.has(code)) throw cause;
  }
  if (await look(target)) return false;
  await rename(temporary, target);
  return true;
}

/** False: it is not empty, or no directory. */
export async function removeEmpty(directory: string): Promise<boolean> {
  try {
    await rmdir(directory);
    return true;
  } catch (cause) {
    const { code = "" } = cause as NodeJS.ErrnoException;
    if (["ENOTEMPTY", "EEXIST", "ENOTDIR", "ENOENT", "EBUSY"].includes(code)) return false;
    throw cause;
  }
}

async function writeNew(
  file: string,
  { content, executable }: Extract<NewFile, { readonly kind: "file" }>,
  before: number | undefined,
): Promise<void> {
  const handle = await open(file, FLAGS);
  try {
    const mode = before ?? (await handle.stat()).mode;
    const isExecutable = (mode & OWNER_EXECUTES) !== 0;
    const wanted = executable ? mode | ALL_EXECUTE : mode & ~ALL_EXECUTE;
    await handle.writeFile(content);
    await handle.chmod((isExecutable === executable ? mode : wanted) & 0o7777);
  } finally {
    await handle.close();
  }
}
