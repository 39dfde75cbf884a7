import { writeFile } from "node:fs/promises";
import { MAX_PATH_BYTES } from "@zenode/core";
import { ByteSource } from "./byte-source.ts";
import { type Git, GitFailure } from "./git-process.ts";
import { type IncomingFiles, type IncomingLimits, tooLarge } from "./incoming-files.ts";

const NUL = 0;
const NEWLINE = 10;
/** Of a line before a content, and before a path. */
const MOST_HEADER = 200;
/** Longer paths are no git's that anybody can check out; they end the reading. */
const MOST_PATH = 64 * 1024;

/** A file or link of a commit. */
interface TreeLine {
  readonly path: string;
  readonly isLink: boolean;
  readonly executable: boolean;
  /** Git's id of its content. */
  readonly id: string;
  readonly bytes: number;
}

export interface CommitReading {
  readonly git: Git;
  readonly commit: string;
  readonly files: IncomingFiles;
  readonly limits: IncomingLimits;
  /** A place for a file of the worker's own that git can read. */
  readonly list: string;
}

/**
 * Takes a commit's files as they lie in git's objects. Nothing is checked out: no attribute, filter, or line end
 * changes them, no link or name of theirs comes to the disk. @throws RefusedError; GitFailure.
 */
export async function readCommit(reading: CommitReading): Promise<void> {
  const { git, files, limits, list } = reading;
  const lines = await listFiles(reading);
  const bytes = lines.reduce((sum, line) => sum + line.bytes, 0);
  if (bytes > limits.bytes) throw tooLarge(`${bytes} bytes, over ${limits.bytes}`);
  const byId = Map.groupBy(lines, ({ id }) => id);
  await writeFile(list, [...byId.keys(), ""].join("\n"), { flag: "wx", mode: 0o644 });
  const args = ["cat-file", "--batch", "--buffer"];
  await git.read({ args, input: list }, async (output) => {
    const source = new ByteSource(output);
    for (const [id, [first, ...others]] of byId) {
      if (first) await readContent(source, { id, first, others }, files);
    }
  });
}

async function listFiles({
  git,
  commit,
  files,
  limits,
}: CommitReading): Promise<readonly TreeLine[]> {
  const args = ["ls-tree", "-r", "-z", "-l", "--full-tree", commit];
  return git.read({ args }, async (output) => {
    const lines: TreeLine[] = [];
    for await (const line of linesOf(output)) {
      const read = readLine(line, files);
      const most = read?.isLink ? MAX_PATH_BYTES : limits.fileBytes;
      if (read && read.bytes > most) files.leaveOut(read.path, `it has ${read.bytes} bytes`);
      else if (read) lines.push(read);
    }
    return lines;
  });
}

async function* linesOf(output: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const source = new ByteSource(output);
  for (;;) {
    const line = await source.takeUntil(NUL, MOST_PATH);
    if (!line) return;
    yield line;
  }
}

/** `<mode> <type> <id> <size>\t<path>`. Undefined: it is not wanted, or was left out. */
function readLine(line: Buffer, files: IncomingFiles): TreeLine | undefined {
  const tab = line.indexOf(0x09);
  const [mode = "", type, id = "", size] = line.toString("latin1", 0, tab).split(/ +/);
  const name = line.subarray(tab + 1);
  const text = name.toString("utf8");
  if (!Buffer.from(text).equals(name)) {
    files.leaveOut(text, "its name is not UTF-8");
    return undefined;
  }
  const path = files.place(text);
  if (path === undefined) return undefined;
  if (type !== "blob") {
    files.leaveOut(path, "it is a submodule");
    return undefined;
  }
  return {
    path,
    isLink: mode === "120000",
    executable: mode === "100755",
    id,
    bytes: Number(size),
  };
}

interface Wanted {
  readonly id: string;
  readonly first: TreeLine;
  /** Of the same content. */
  readonly others: readonly TreeLine[];
}

async function readContent(
  source: ByteSource,
  { id, first, others }: Wanted,
  files: IncomingFiles,
): Promise<void> {
  const header = await source.takeUntil(NEWLINE, MOST_HEADER);
  if (header?.toString("latin1") !== `${id} blob ${first.bytes}`) {
    throw new GitFailure(`fatal: ${id} is not what its tree says`);
  }
  const all = [first, ...others];
  const links = all.filter(({ isLink }) => isLink);
  if (links.length > 0) {
    const content = await source.take(first.bytes);
    for (const { path } of links) addLink(files, path, content);
    await addFiles(files, all, toChunks(content));
  } else await addFiles(files, all, source.pieces(first.bytes));
  await source.take(1);
}

function addLink(files: IncomingFiles, path: string, content: Buffer): void {
  const target = content.toString("utf8");
  if (Buffer.from(target).equals(content)) files.addLink(path, target);
  else files.leaveOut(path, "it is a link whose target is not UTF-8");
}

async function addFiles(
  files: IncomingFiles,
  all: readonly TreeLine[],
  content: AsyncIterable<Uint8Array>,
): Promise<void> {
  const [first, ...others] = all.filter(({ isLink }) => !isLink);
  if (!first) return;
  await files.addFile(first.path, content, first.executable);
  for (const { path, executable } of others) files.addCopy(path, first.path, executable);
}

async function* toChunks(content: Buffer): AsyncGenerator<Uint8Array> {
  yield content;
}
