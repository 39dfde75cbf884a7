import { MIB } from "@zenode/core";
import { ByteSource } from "./byte-source.ts";
import { hostile, type IncomingFiles } from "./incoming-files.ts";
import {
  parsePax,
  parseTarHeader,
  TAR_BLOCK,
  type TarExtras,
  type TarHeader,
  toText,
} from "./tar-header.ts";

/** Of one header of names and other things. */
const MOST_EXTRAS = MIB;

const KINDS: Readonly<Record<string, string>> = {
  3: "a character device",
  4: "a block device",
  6: "a pipe",
  S: "a sparse file",
  M: "a part of a file in another archive",
};

/**
 * Reads a tar archive (POSIX ustar and pax, GNU). Written here because the parsers of npm pass over what they do not
 * understand: an entry that is dropped or renamed silently is one that somebody else sees differently.
 * @throws RefusedError `invalid_input`, `invalid_path`, `too_large`.
 */
export async function readTar(
  chunks: AsyncIterable<Uint8Array>,
  files: IncomingFiles,
): Promise<void> {
  const source = new ByteSource(chunks);
  try {
    await readEntries(source, files);
    // What lies behind the end is no part of the archive, but has to be sound gzip.
    for await (const _ of source.pieces(Infinity));
  } finally {
    await source.close();
  }
}

async function readEntries(source: ByteSource, files: IncomingFiles): Promise<void> {
  let extras: TarExtras = {};
  for (;;) {
    const block = await source.take(TAR_BLOCK);
    // Some writers leave the closing zeros out.
    const header = block.length === 0 ? undefined : parseTarHeader(block);
    if (!header) {
      if (Object.keys(extras).length > 0) throw hostile("the archive is cut off");
      return;
    }
    const told = await readExtras(header, source);
    if (told) extras = { ...extras, ...told };
    else {
      await readEntry({ ...header, ...extras }, source, files);
      extras = {};
    }
  }
}

/** Undefined: it is an entry itself. */
async function readExtras(
  { type, bytes }: TarHeader,
  source: ByteSource,
): Promise<TarExtras | undefined> {
  if (!["x", "g", "L", "K"].includes(type)) return undefined;
  if (bytes > MOST_EXTRAS) throw hostile(`a header in the archive has ${bytes} bytes`);
  const body = await source.take(bytes);
  if (body.length < bytes) throw hostile("the archive is cut off");
  await skipPadding(bytes, source);
  if (type === "x") return parsePax(body);
  if (type === "g") {
    // Git's archives name their commit so. What would hold for every entry behind it is nobody's honest wish.
    if (Object.keys(parsePax(body)).length > 0)
      throw hostile("it renames all of its files at once");
    return {};
  }
  const end = body.indexOf(0);
  const name = toText(end < 0 ? body : body.subarray(0, end));
  return type === "L" ? { path: name } : { target: name };
}

async function readEntry(
  header: TarHeader,
  source: ByteSource,
  files: IncomingFiles,
): Promise<void> {
  const kind = kindOf(header);
  const { path: name, target, bytes } = header;
  const path = files.place(name);
  const content = counted(source, bytes);
  if (path !== undefined) {
    if (kind === "file") await files.addFile(path, content, (header.mode & 0o100) !== 0);
    else if (kind === "link") files.addLink(path, target);
    else if (kind === "hard link") addHardLink(files, path, target);
    else files.addDirectory(path);
  }
  // Of what is not wanted, and of a directory, which may have a size that means nothing.
  if (path === undefined || kind !== "file") await drain(content);
  await skipPadding(bytes, source);
}

/** @throws RefusedError `invalid_input` for devices and the like. */
function kindOf({ type, path, bytes }: TarHeader): "file" | "directory" | "link" | "hard link" {
  const shown = JSON.stringify(path);
  if (type === "1" || type === "2") {
    if (bytes > 0) throw hostile(`${shown} is a link with content`);
    return type === "1" ? "hard link" : "link";
  }
  if (type === "5") return "directory";
  // Old archives tell directories by a slash at the end.
  if (type === "0" || type === "7") return path.endsWith("/") ? "directory" : "file";
  throw hostile(`${shown} is ${KINDS[type] ?? "of a kind that is not known"}`);
}

/** Its target is named from the archive's root, as its own path is. */
function addHardLink(files: IncomingFiles, path: string, target: string): void {
  const of = files.place(target);
  if (of === undefined)
    files.leaveOut(path, `it is a hard link to ${target}, which is not imported`);
  else files.addCopy(path, of);
}

/** @throws RefusedError `invalid_input` when there is less. */
async function* counted(source: ByteSource, bytes: number): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const piece of source.pieces(bytes)) {
    read += piece.length;
    yield piece;
  }
  if (read < bytes) throw hostile("the archive is cut off");
}

async function skipPadding(bytes: number, source: ByteSource): Promise<void> {
  const over = bytes % TAR_BLOCK;
  if (over > 0) await source.take(TAR_BLOCK - over);
}

async function drain(content: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of content);
}
