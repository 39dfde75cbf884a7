import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { type Checkout, type Computer, UnavailableError } from "@zenode/core";
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
      yield* runRipgrep(search, checkout, computer.ripgrep);
      search.context.progress(2, 2, "Searched");
    },
    read: async (search, file) => readFile(path.join((await bring(search)).folder, file)),
  };
}

async function* runRipgrep(
  search: Search,
  { folder, ignoreFile }: Checkout,
  binary: string,
): AsyncGenerator<Match> {
  const { pattern, path: target, context } = search;
  const args = [...FLAGS, ...(pattern.ignoreCase ? ["--ignore-case"] : [])];
  if (ignoreFile !== undefined) args.push(`--ignore-file=${ignoreFile}`);
  const regexp = `--regexp=${pattern.rust}`;
  // No environment: what a worker's process may do is none of a search's business.
  const child = spawn(binary, [...args, regexp, "--", `./${target}`], {
    cwd: folder,
    env: {},
    stdio: ["ignore", "pipe", "pipe"],
    signal: context.signal,
  });
  // Rejects on `error`: no such binary, or aborted.
  const closed = once(child, "close");
  closed.catch(() => undefined);
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(0, 2_000);
  });
  try {
    yield* collectFiles(splitStream(child.stdout.setEncoding("utf8")), search);
    const [code] = (await closed) as [number | null];
    if (code !== 0 && code !== 1) throw new UnavailableError(`ripgrep failed: ${complaint}`);
  } finally {
    child.kill();
    await closed.catch(() => undefined);
  }
}

/** Lines end in a newline and nothing else; node:readline knows more line ends than JSON escapes. */
async function* splitStream(stream: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + chunk).split("\n");
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
