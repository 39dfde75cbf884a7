import { constants } from "node:fs";
import { crc32 } from "node:zlib";
import { MIB, RefusedError } from "@zenode/core";
import { openPromise, type ZipEntry, type ZipFile } from "yauzl";
import { ByteSource } from "./byte-source.ts";
import { hostile, type IncomingFiles, type IncomingLimits, tooLarge } from "./incoming-files.ts";
import { bounded } from "./inflate.ts";

/** Of the file that holds a link's target. */
const MOST_TARGET = 4096;
const STORED = 0;
const DEFLATED = 8;
/** Systems whose entries carry a Unix mode (APPNOTE.TXT, 4.4.2): Unix and Darwin. */
const UNIX = [3, 19];
const LOCAL_HEADER = 30;

/** Reads a zip archive. @throws RefusedError `invalid_input`, `invalid_path`, `too_large`. */
export async function readZip(
  path: string,
  files: IncomingFiles,
  limits: IncomingLimits,
): Promise<void> {
  const zip = await openPromise(path, {
    autoClose: false,
    strictFileNames: true,
    validateEntrySizes: true,
  }).catch(notSound);
  try {
    const entries = await listEntries(zip, limits);
    for (const entry of entries) {
      const place = files.place(nameOf(entry));
      if (place !== undefined) await readEntry(zip, { entry, place }, files);
    }
  } finally {
    zip.close();
  }
}

/** All of them, so that nothing is unpacked of an archive that lies about them. */
async function listEntries(zip: ZipFile, limits: IncomingLimits): Promise<readonly ZipEntry[]> {
  if (zip.entryCount > limits.entries) throw tooLarge(`over ${limits.entries} entries`);
  const entries: ZipEntry[] = [];
  let bytes = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      entries.push(entry);
      bytes += entry.uncompressedSize;
    }
  } catch (cause) {
    notSound(cause);
  }
  // What is left out for its size is not unpacked, but a project's worth of it is enough.
  if (bytes > 2 * limits.bytes)
    throw tooLarge(`over ${(2 * limits.bytes) / MIB} MiB when it is unpacked`);
  checkOverlaps(entries);
  return entries;
}

/** The same bytes for many files make a small archive of endless files. */
function checkOverlaps(entries: readonly ZipEntry[]): void {
  const sorted = entries.toSorted(
    (a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader,
  );
  let end = 0;
  for (const { relativeOffsetOfLocalHeader: start, fileNameRaw, compressedSize } of sorted) {
    if (start < end) throw hostile("files in the archive overlap");
    end = start + LOCAL_HEADER + fileNameRaw.length + compressedSize;
  }
}

/** Zips of today say that their names are UTF-8; those of Linux and macOS often are without saying so. */
function nameOf({ fileName, fileNameRaw }: ZipEntry): string {
  const text = fileNameRaw.toString("utf8");
  if (Buffer.from(text).equals(fileNameRaw)) return text;
  // What is not UTF-8, and says it is, was replaced when it was read.
  if (!fileName.includes("\ufffd")) return fileName;
  throw hostile("a name in it is not UTF-8");
}

interface PlacedEntry {
  readonly entry: ZipEntry;
  readonly place: string;
}

async function readEntry(
  zip: ZipFile,
  { entry, place }: PlacedEntry,
  files: IncomingFiles,
): Promise<void> {
  const mode = modeOf(entry);
  const kind = mode & constants.S_IFMT;
  if (kind === constants.S_IFDIR || nameOf(entry).endsWith("/")) return files.addDirectory(place);
  if (kind !== 0 && kind !== constants.S_IFREG && kind !== constants.S_IFLNK) {
    throw hostile(`${JSON.stringify(nameOf(entry))} is neither a file nor a link`);
  }
  const content = contentOf(zip, entry);
  if (kind !== constants.S_IFLNK) {
    await files.addFile(place, content, (mode & constants.S_IXUSR) !== 0);
  } else if (entry.uncompressedSize > MOST_TARGET) {
    files.leaveOut(place, `it is a link whose target is over ${MOST_TARGET} bytes`);
  } else {
    files.addLink(place, toTarget(await new ByteSource(content).take(MOST_TARGET)));
  }
}

function toTarget(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw hostile("a link's target is not UTF-8", cause);
  }
}

/** 0: it was made where there are no modes. */
function modeOf({ versionMadeBy, externalFileAttributes }: ZipEntry): number {
  return UNIX.includes(versionMadeBy >>> 8) ? externalFileAttributes >>> 16 : 0;
}

/** @throws RefusedError `invalid_input` for what is not what its headers say. */
async function* contentOf(zip: ZipFile, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const { uncompressedSize, compressionMethod } = entry;
  const name = JSON.stringify(nameOf(entry));
  if (entry.isEncrypted()) throw hostile(`${name} is encrypted`);
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED) {
    throw hostile(`${name} is compressed in a way that is not known (${compressionMethod})`);
  }
  let sum = 0;
  try {
    const local = await zip.readLocalFileHeaderPromise(entry);
    if (!local.fileName.equals(entry.fileNameRaw)) throw hostile(`${name} has another name inside`);
    const stream = await zip.openReadStreamPromise(entry);
    for await (const chunk of bounded(stream, uncompressedSize)) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (cause) {
    notSound(cause);
  }
  if (sum !== entry.crc32) throw hostile(`${name} is damaged`);
}

/** yauzl's errors are plain ones, as is zlib's; the disk's have a code. */
function notSound(cause: unknown): never {
  if (cause instanceof RefusedError) throw cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code !== undefined && !code.startsWith("Z_")) throw cause;
  throw hostile(`it is no sound zip archive (${message})`, cause);
}
