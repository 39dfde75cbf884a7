import {
  closeSync,
  constants,
  fstatSync,
  open,
  openSync,
  read,
  readlinkSync,
  readSync,
} from "node:fs";
import { lstat, realpath } from "node:fs/promises";
import { promisify } from "node:util";
import { KIB, RefusedError } from "@zenode/core";
import { descriptorOf, placeBelow } from "../confined-directory.ts";
import { quickCalls } from "../quick-calls.ts";

/** A link is not followed, a pipe not waited for. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Larger ones are read by threads: the others need not wait for them. */
const QUICK_BYTES = 256 * KIB;

const openAside = promisify(open);
const readAside = promisify(read);

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
  const absolute = placeBelow(root, relative);
  const file = await openFile(absolute, relative);
  try {
    const size = sizeOf(file, relative);
    if (!(liesNow(file, absolute) ?? (await liesAt(file, absolute)))) throw moved(relative);
    if (size > maxBytes) throw tooLarge(relative, size, maxBytes);
    return await readWhole(file, size);
  } finally {
    closeSync(file);
  }
}

/** As many bytes as it had; what is added meanwhile is a later state of it. */
async function readWhole(file: number, size: number): Promise<Uint8Array> {
  const content = new Uint8Array(size);
  for (let taken = 0; taken < size; ) {
    const room = [content, taken, size - taken, taken] as const;
    const now = size <= QUICK_BYTES ? quickCalls.now(() => readSync(file, ...room)) : undefined;
    const bytesRead = now ?? (await readAside(file, ...room)).bytesRead;
    // It was cut meanwhile.
    if (bytesRead === 0) return content.slice(0, taken);
    taken += bytesRead;
  }
  return content;
}

/** Whether the open file of a descriptor is what lies at a path, and no name on the way to it is a link. */
export async function liesAt(file: number, absolute: string): Promise<boolean> {
  const now = liesNow(file, absolute);
  if (now !== undefined) return now;
  const { dev, ino } = fstatSync(file);
  const [real, there] = await Promise.all([
    realpath(absolute).catch(() => undefined),
    lstat(absolute).catch(() => undefined),
  ]);
  return real === absolute && there?.dev === dev && there.ino === ino;
}

/** Linux tells where an open file lies, without links (proc(5)); undefined: this is another system. */
function liesNow(file: number, absolute: string): boolean | undefined {
  return process.platform === "linux" ? readlinkSync(descriptorOf(file)) === absolute : undefined;
}

async function openFile(absolute: string, relative: string): Promise<number> {
  try {
    return quickCalls.now(() => openSync(absolute, FLAGS)) ?? (await openAside(absolute, FLAGS));
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

function sizeOf(file: number, relative: string): number {
  const facts = fstatSync(file);
  if (facts.isFile()) return facts.size;
  throw new RefusedError("not_a_file", `${relative} is no file.`);
}

function moved(relative: string): RefusedError {
  return new RefusedError("not_found", `${relative} is no longer where it was.`);
}

function tooLarge(relative: string, bytes: number, maxBytes: number): RefusedError {
  return new RefusedError("too_large", `${relative} has ${bytes} bytes, over ${maxBytes}.`);
}
