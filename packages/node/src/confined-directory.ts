import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readlink, realpath } from "node:fs/promises";
import path from "node:path";
import { RefusedError } from "@zenode/core";

const FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** Names below an open directory's own entry here are looked up in that very directory (proc(5)). */
const DESCRIPTORS = "/proc/self/fd";

/**
 * An open directory below a root, reached without following any link. On Linux whatever is done by `at` happens in this
 * very directory, also when somebody puts a link in its place meanwhile; elsewhere its path is checked when it is opened.
 */
export class ConfinedDirectory {
  readonly #handle: FileHandle;
  readonly #place: string;

  private constructor(handle: FileHandle, place: string) {
    this.#handle = handle;
    this.#place = place;
  }

  /**
   * `root` is a real path, `relative` a checked one; with `create`, missing directories are made.
   * @throws RefusedError `not_found`, `not_a_directory` (a link or file is on the way).
   */
  static async open(root: string, relative: string, create = false): Promise<ConfinedDirectory> {
    try {
      return await openDirectory(root, relative);
    } catch (cause) {
      const isMissing = cause instanceof RefusedError && cause.code === "not_found";
      if (!create || !isMissing || relative === "") throw cause;
    }
    const above = await ConfinedDirectory.open(root, parentOf(relative), true);
    try {
      await mkdir(above.at(path.posix.basename(relative))).catch(unlessThere);
    } finally {
      await above.close();
    }
    return openDirectory(root, relative);
  }

  /** The path of a name in it, for calls of `node:fs` that follow no link at its end. */
  at(name: string): string {
    return `${this.#place}/${name}`;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  static of(handle: FileHandle, place: string): ConfinedDirectory {
    return new ConfinedDirectory(handle, place);
  }
}

async function openDirectory(root: string, relative: string): Promise<ConfinedDirectory> {
  const absolute = placeBelow(root, relative);
  const handle = await open(absolute, FLAGS).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") throw notFound(relative, cause);
    if (cause.code === "ENOTDIR" || cause.code === "ELOOP") throw notDirectory(relative, cause);
    throw cause;
  });
  try {
    const own = descriptorOf(handle.fd);
    const isLinux = process.platform === "linux";
    const real = isLinux ? await readlink(own) : await realpath(absolute);
    if (real === absolute) return ConfinedDirectory.of(handle, isLinux ? own : absolute);
    throw notDirectory(relative);
  } catch (cause) {
    await handle.close();
    throw cause;
  }
}

/** A path that is what was opened, on Linux. */
export function descriptorOf(file: number): string {
  return `${DESCRIPTORS}/${file}`;
}

/** Where a checked path lies: without `.` and `..` in it there is nothing that `path.join` would have to look for. */
export function placeBelow(root: string, relative: string): string {
  if (relative === "") return root;
  return root.endsWith("/") ? `${root}${relative}` : `${root}/${relative}`;
}

/** `a/b` -> `a`, `a` -> "". */
export function parentOf(relative: string): string {
  return relative.includes("/") ? path.posix.dirname(relative) : "";
}

function unlessThere(cause: NodeJS.ErrnoException): void {
  if (cause.code !== "EEXIST") throw cause;
}

function notFound(relative: string, cause: unknown): RefusedError {
  return new RefusedError("not_found", `There is no ${relative || "such folder"}.`, { cause });
}

function notDirectory(relative: string, cause?: unknown): RefusedError {
  const text = `${relative || "The folder"} is no directory, or a link is on the way to it.`;
  return new RefusedError("not_a_directory", text, { cause });
}
