import { constants } from "node:fs";
import { type FileHandle, lstat, open, realpath } from "node:fs/promises";
import path from "node:path";
import { RefusedError } from "@zenode/core";

/** A link is not followed, a pipe not waited for. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * The content of a file below `root` (a real path), never of one that a link leads to: what was opened
 * is what lies at that very path, and no name on the way is a link, also when somebody swaps them
 * meanwhile. @throws RefusedError `not_found`, `not_a_file`, `too_large`.
 */
export async function readConfined(
  root: string,
  relative: string,
  maxBytes: number,
): Promise<Uint8Array> {
  const absolute = path.join(root, relative);
  const handle = await openFile(absolute, relative);
  try {
    const facts = await statFile(handle, relative);
    const { size } = facts;
    if (!(await liesAt(facts, absolute))) throw moved(relative);
    if (size > maxBytes) throw tooLarge(relative, size, maxBytes);
    const { buffer, byteOffset, length } = await handle.readFile();
    if (length > maxBytes) throw tooLarge(relative, length, maxBytes);
    return new Uint8Array(buffer, byteOffset, length);
  } finally {
    await handle.close();
  }
}

/** Whether a file that was opened is what lies at a path, and no name on the way to it is a link. */
export async function liesAt(
  { dev, ino }: { readonly dev: number; readonly ino: number },
  absolute: string,
): Promise<boolean> {
  const [real, there] = await Promise.all([
    realpath(absolute).catch(() => undefined),
    lstat(absolute).catch(() => undefined),
  ]);
  return real === absolute && there?.dev === dev && there.ino === ino;
}

async function openFile(absolute: string, relative: string): Promise<FileHandle> {
  try {
    return await open(absolute, FLAGS);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === undefined ? undefined : REASONS[code];
    if (why === undefined) throw cause;
    throw new RefusedError("not_found", `${relative} can't be read: ${why}.`, { cause });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "it is not there",
  ENOTDIR: "it is not there",
  EACCES: "its permissions do not allow it",
  EPERM: "its permissions do not allow it",
  ELOOP: "it is a link, and links are not followed",
  ENXIO: "it is no file",
};

async function statFile(handle: FileHandle, relative: string) {
  const facts = await handle.stat();
  if (facts.isFile()) return facts;
  throw new RefusedError("not_a_file", `${relative} is no file.`);
}

function moved(relative: string): RefusedError {
  return new RefusedError("not_found", `${relative} is no longer where it was.`);
}

function tooLarge(relative: string, bytes: number, maxBytes: number): RefusedError {
  return new RefusedError("too_large", `${relative} has ${bytes} bytes, over ${maxBytes}.`);
}
