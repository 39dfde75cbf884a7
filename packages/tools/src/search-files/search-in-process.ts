import { type FileEntry, KIB, MAX_FILE_BYTES, MIB, RefusedError } from "@zenode/core";
import { decodeText, isBinary, splitLines } from "../project/text-file.ts";
import type { Match, Search, SearchEngine } from "./search.ts";

/** Files read together first, so that what has many matches ends early; their matches are sorted before they are given. */
const FIRST_FILES = 500;
const FIRST_BYTES = 4 * MIB;
/** Each batch may be twice as large as the one before, so that a whole project comes by few requests, up to this. */
const MOST_DOUBLINGS = 3;
/** After so much text others get their turn: timers, cancellation. */
const PAUSE_BYTES = 512 * KIB;

/** Searches with RE2JS, in this process, straight from the snapshot. */
export const inProcess: SearchEngine = {
  async *find(search) {
    const files = await listFiles(search);
    let done = 0;
    for (const batch of toBatches(files)) {
      const found = await searchBatch(batch, search);
      for (const file of batch) yield* found.get(file.path) ?? [];
      done += batch.length;
      search.context.progress(done, files.length, `Searched ${done} of ${files.length} files`);
    }
  },
  read: ({ snapshot }, path) => snapshot.read(path, MAX_FILE_BYTES),
};

async function listFiles({
  snapshot,
  path,
  kind,
  isWanted,
}: Search): Promise<readonly FileEntry[]> {
  if (kind === "file") {
    const entry = await snapshot.entry(path);
    return entry.kind === "file" && isWanted(path) ? [entry] : [];
  }
  const files: FileEntry[] = [];
  for await (const entry of snapshot.walk(path)) {
    if (entry.kind === "file" && isWanted(entry.path)) files.push(entry);
  }
  return files;
}

function toBatches(files: readonly FileEntry[]): readonly (readonly FileEntry[])[] {
  const batches: FileEntry[][] = [];
  let bytes = 0;
  for (const file of files) {
    const batch = batches.at(-1);
    const growth = 2 ** Math.min(batches.length - 1, MOST_DOUBLINGS);
    const hasRoom = bytes + file.bytes <= FIRST_BYTES * growth;
    if (batch && batch.length < FIRST_FILES * growth && hasRoom) batch.push(file);
    else {
      batches.push([file]);
      bytes = 0;
    }
    bytes += file.bytes;
  }
  return batches;
}

async function searchBatch(
  batch: readonly FileEntry[],
  search: Search,
): Promise<ReadonlyMap<string, readonly Match[]>> {
  const { snapshot, context } = search;
  const found = new Map<string, readonly Match[]>();
  let sincePause = 0;
  for await (const { file, content } of snapshot.readMany(batch)) {
    const matches = matchFile(file.path, content, search);
    if (matches.length > 0) found.set(file.path, matches);
    sincePause += content.length;
    if (sincePause < PAUSE_BYTES) continue;
    sincePause = 0;
    await context.clock.sleep(0, context.signal);
    context.signal.throwIfAborted();
    if (context.clock.now() > context.deadline) {
      throw new RefusedError("too_large", "The search took too long; narrow it with path or glob.");
    }
  }
  return found;
}

function matchFile(path: string, content: Uint8Array, search: Search): readonly Match[] {
  const text = decodeText(content);
  // A text is looked through faster than the bytes it came from.
  if (text === undefined ? isBinary(content) : text.includes("\0")) return [];
  const { pattern, maxMatches } = search;
  const lines = text === undefined ? decodeLines(content) : linesOf(text, pattern.candidates);
  const matches: Match[] = [];
  for (const { line, text: shown } of lines) {
    if (!pattern.matches(shown)) continue;
    matches.push({ path, line, text: shown });
    if (matches.length === maxMatches) break;
  }
  return matches;
}

interface Line {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** The lines of a text, or those with a candidate. */
function linesOf(text: string, candidates: RegExp | undefined): Iterable<Line> {
  if (candidates) return linesWith(candidates, text);
  return splitLines(text).map((line, at) => ({ line: at + 1, text: line }));
}

function* linesWith(candidates: RegExp, text: string): Generator<Line> {
  let [line, counted] = [1, 0];
  candidates.lastIndex = 0;
  for (let found = candidates.exec(text); found; found = candidates.exec(text)) {
    const start = text.lastIndexOf("\n", found.index) + 1;
    const newline = text.indexOf("\n", found.index);
    const end = newline < 0 ? text.length : newline;
    for (let at = text.indexOf("\n", counted); at >= 0 && at < start; line++) {
      at = text.indexOf("\n", at + 1);
    }
    counted = start;
    yield { line, text: text.slice(start, end) };
    candidates.lastIndex = end;
  }
}

/** Line by line where the whole is not UTF-8, without the lines that are not. */
function* decodeLines(content: Uint8Array): Generator<Line> {
  for (let [start, line] = [0, 1]; start < content.length; line++) {
    const newline = content.indexOf(10, start);
    const end = newline < 0 ? content.length : newline;
    const text = decodeText(content.subarray(start, end));
    if (text !== undefined) yield { line, text };
    start = end + 1;
  }
}
