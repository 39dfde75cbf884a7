import { readFile } from "node:fs/promises";
import path from "node:path";
import { type Checkout, type Computer, RefusedError, UnavailableError } from "@zenode/core";
import { parseRipgrepLine } from "./ripgrep-line.ts";
import type { Match, Search, SearchEngine } from "./search.ts";

/** One thread, but sorted, so that the first matches are the same as everywhere and the rest need not be found. */
const FLAGS = [
  "--json",
  "--sort=path",
  "--no-config",
  "--no-ignore",
  "--hidden",
  "--encoding=none",
  // Maps are searched for NUL bytes at their beginning only; reads, in all they read.
  "--no-mmap",
];

/** Searches a checkout on local disk with ripgrep. */
export function withRipgrep(computer: Computer): SearchEngine {
  let checkout: Promise<Checkout> | undefined;
  const bring = (search: Search) => {
    checkout ??= computer.checkout(search.snapshot.project);
    return checkout;
  };
  return {
    async *find(search) {
      search.context.progress(0, 2, "Bringing the project to the worker's disk");
      const checkout = await bring(search);
      search.context.progress(1, 2, "Searching");
      yield* runRipgrep(search, checkout, computer);
      search.context.progress(2, 2, "Searched");
    },
    read: async (search, file) => readFile(path.join((await bring(search)).folder, file)),
  };
}

async function* runRipgrep(
  search: Search,
  { folder, ignoreFile }: Checkout,
  computer: Computer,
): AsyncGenerator<Match> {
  const { pattern, path: target, context } = search;
  const args = [...FLAGS, ...(pattern.ignoreCase ? ["--ignore-case"] : [])];
  if (ignoreFile !== undefined) args.push(`--ignore-file=${ignoreFile}`);
  const regexp = `--regexp=${pattern.rust}`;
  const { stdout, stderr, ended, kill } = computer.start({
    file: computer.ripgrep,
    args: [...args, regexp, "--", `./${target}`],
    folder,
  });
  // It rejects for a binary that is not there; until it is waited for that is no news.
  ended.catch(() => undefined);
  const complaint = readComplaint(stderr);
  try {
    yield* collectFiles(splitStream(stdout), search);
    const { code, signal } = await ended;
    context.signal.throwIfAborted();
    if (code === 0 || code === 1) return;
    if (signal === "SIGKILL") throw outOfMemory();
    throw new UnavailableError(`ripgrep failed: ${await complaint}`);
  } finally {
    kill();
    await ended.catch(() => undefined);
  }
}

/** Nobody else sends it this signal. */
function outOfMemory(): RefusedError {
  const message = "The search needed more memory than its worker has. Narrow it: a path, a glob.";
  return new RefusedError("too_large", message);
}

/** The beginning of what it wrote, at its end; what is left out has to be read all the same. */
async function readComplaint(output: AsyncIterable<Uint8Array>): Promise<string> {
  let complaint = "";
  const decoder = new TextDecoder();
  for await (const chunk of output) {
    complaint = (complaint + decoder.decode(chunk, { stream: true })).slice(0, 2_000);
  }
  return complaint;
}

/** Lines end in a newline and nothing else; node:readline knows more line ends than JSON escapes. */
async function* splitStream(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** A file's matches count once its end has told that no NUL byte lies in it. */
async function* collectFiles(
  lines: AsyncIterable<string>,
  { isWanted, maxMatches }: Search,
): AsyncGenerator<Match> {
  let matches: Match[] = [];
  for await (const line of lines) {
    if (matches.length === maxMatches && line.startsWith('{"type":"match"')) continue;
    const event = parseRipgrepLine(line);
    if (event?.kind === "match" && isWanted(event.match.path)) matches.push(event.match);
    if (event?.kind !== "end") continue;
    if (!event.binary) yield* matches;
    matches = [];
  }
}
