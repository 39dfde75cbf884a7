import { type FileEntry, KIB, MAX_FILE_BYTES, MIB, RefusedError } from "@zenode/core";
import { decodeText, isBinary, splitLines } from "../project/text-file.ts";
import type { Match, Search, SearchEngine } from "./search.ts";

/** Files read together; their matches are sorted before they are given. */
const BATCH_BYTES = 8 * MIB;
const BATCH_FILES = 500;
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
    if (batch && batch.length < BATCH_FILES && bytes + file.bytes <= BATCH_BYTES) batch.push(file);
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
  if (isBinary(content)) return [];
  const text = decodeText(content);
  const lines = text === undefined ? decodeLines(content) : splitLines(text);
  const { pattern, maxMatches } = search;
  const matches: Match[] = [];
  for (const [at, line] of lines.entries()) {
    if (matches.length === maxMatches) break;
    if (line !== undefined && pattern.matches(line))
      matches.push({ path, line: at + 1, text: line });
  }
  return matches;
}

/** Line by line where the whole is not UTF-8; undefined for a line that is none. */
function decodeLines(content: Uint8Array): readonly (string | undefined)[] {
  const lines: (string | undefined)[] = [];
  for (let start = 0; start < content.length; ) {
    const newline = content.indexOf(10, start);
    const end = newline < 0 ? content.length : newline;
    lines.push(decodeText(content.subarray(start, end)));
    start = end + 1;
  }
  return lines;
}
