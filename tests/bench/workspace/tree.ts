import { createHash } from "node:crypto";
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { KIB } from "@zenode/core";
import { MODULES, TEN_THOUSAND } from "../../harness/real-tree.ts";

/** Files above it are left out: one S3 request for each is what costs of small ones. */
const SMALL_BYTES = 64 * KIB;
/** jose first, so that every tree has the files that are read, edited and found. */
const PACKAGES = ["jose", ...TEN_THOUSAND.filter((name) => name !== "jose")];
/** Files of one copy of the packages. */
const COPY_FILES = 10_000;

/** What is searched for, in `matches` lines, and the glob, as the end of a name. */
export const WORD = "createRemoteJWKSet";
export const NAME_END = ".d.ts";

/** A folder of small files out of real packages. */
export interface BenchTree {
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
  /** Different contents. */
  readonly contents: number;
  /** Lines with `WORD`. */
  readonly matches: number;
  /** Files whose names end in `NAME_END`. */
  readonly named: number;
  /** A text of some KB, and a line that stands in it once. */
  readonly file: string;
  readonly line: string;
  /** Files of different directories, other than `file`. */
  readonly others: readonly string[];
  /** Appends a line to so many files, to others each time. */
  change(count: number): Promise<void>;
  remove(): Promise<void>;
}

/**
 * A tree of so many files. Beyond 10,000 the packages are there several times; each file of a copy ends in
 * a line that no other has, so that deduplication finds no more than in the packages themselves.
 */
export async function makeTree(files: number): Promise<BenchTree> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "zenode-bench-tree-"));
  const sources = await listSmallFiles(Math.min(files, COPY_FILES));
  const writer = new TreeWriter(folder);
  for (let copy = 0; writer.paths.length < files; copy += 1) {
    const root = files > COPY_FILES ? `copy-${copy}` : "";
    for (const source of sources.slice(0, files - writer.paths.length)) {
      const suffix = copy === 0 ? "" : `\n// ${source} of copy ${copy}\n`;
      await writer.copy(source, path.posix.join(root, source), suffix);
    }
  }
  const file = writer.paths.find((name) => name.endsWith("jose/README.md"));
  if (file === undefined) throw new Error("The tree has no file to read.");
  const text = await readFile(path.join(folder, file), "utf8");
  let changes = 0;
  return {
    folder,
    ...writer.totals(),
    file,
    line: findLine(text),
    others: spread(writer.paths, 20, 0.5).filter((name) => name !== file),
    async change(count) {
      changes += 1;
      const shift = (changes * 0.618) % 1;
      for (const name of spread(writer.paths, count, shift))
        await appendFile(path.join(folder, name), `\n// change ${changes}\n`);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Paths below node_modules, the same ones each time. */
async function listSmallFiles(count: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of PACKAGES) {
    const root = path.join(MODULES, name);
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name: file }) => path.relative(MODULES, path.join(parentPath, file)));
    for (const file of files.sort()) {
      if ((await stat(path.join(MODULES, file))).size <= SMALL_BYTES) found.push(file);
      if (found.length === count) return found;
    }
  }
  throw new Error(`The packages have ${found.length} small files only.`);
}

class TreeWriter {
  readonly paths: string[] = [];
  readonly #folder: string;
  readonly #contents = new Set<string>();
  #bytes = 0;
  #matches = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async copy(source: string, to: string, suffix: string): Promise<void> {
    const original = await readFile(path.join(MODULES, source));
    const content = Buffer.concat([original, Buffer.from(suffix)]);
    const file = path.join(this.#folder, to);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    this.paths.push(to);
    this.#bytes += content.length;
    this.#matches += countLines(content);
    this.#contents.add(createHash("sha256").update(content).digest("hex"));
  }

  totals(): Pick<BenchTree, "files" | "bytes" | "contents" | "matches" | "named"> {
    return {
      files: this.paths.length,
      bytes: this.#bytes,
      contents: this.#contents.size,
      matches: this.#matches,
      named: this.paths.filter((name) => name.endsWith(NAME_END)).length,
    };
  }
}

/** Lines of a file with `WORD`. */
export function countLines(content: Buffer): number {
  if (!content.includes(WORD)) return 0;
  return content
    .toString()
    .split("\n")
    .filter((line) => line.includes(WORD)).length;
}

/** The line to edit as it stands before the edit of a round. */
export function edited(line: string, round: number): string {
  return round === 0 ? line : `${line} (edit ${round})`;
}

function findLine(text: string): string {
  const line = text.split("\n").find((one) => one.length > 20 && text.split(one).length === 2);
  if (line === undefined) throw new Error("The file has no line to edit.");
  return line;
}

/** So many of them, at even distances; `shift` is a part of the distance. */
function spread(paths: readonly string[], count: number, shift: number): readonly string[] {
  const step = paths.length / Math.min(count, paths.length);
  return Array.from({ length: Math.min(count, paths.length) }, (_, at) =>
    String(paths[Math.floor((at + shift) * step)]),
  );
}
