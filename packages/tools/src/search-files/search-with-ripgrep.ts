import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { type Checkout, type Computer, UnavailableError } from "@zenode/core";
import { parseRipgrepLine } from "./ripgrep-line.ts";
import type { Match, Search, SearchEngine } from "./search.ts";
import { toRustPattern } from "./to-rust-pattern.ts";

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
      const { folder } = await bring(search);
      search.context.progress(1, 2, "Searching");
      yield* runRipgrep(search, folder, computer.ripgrep);
      search.context.progress(2, 2, "Searched");
    },
    read: async (search, file) => readFile(path.join((await bring(search)).folder, file)),
  };
}

async function* runRipgrep(
  { pattern, path: target, isWanted, context }: Search,
  folder: string,
  binary: string,
): AsyncGenerator<Match> {
  const args = [...FLAGS, ...(pattern.ignoreCase ? ["--ignore-case"] : [])];
  const regexp = `--regexp=${toRustPattern(pattern.source)}`;
  // No environment: what a worker's process may do is none of a search's business.
  const child = spawn(binary, [...args, regexp, "--", `./${target}`], {
    cwd: folder,
    env: {},
    stdio: ["ignore", "pipe", "pipe"],
    signal: context.signal,
  });
  const closed = once(child, "close");
  const failed = once(child, "error").then(([error]) => Promise.reject(error as Error));
  failed.catch(() => undefined);
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(0, 2_000);
  });
  try {
    const lines = createInterface({ input: child.stdout, crlfDelay: Infinity });
    yield* collectFiles(lines, isWanted);
    const [code] = (await Promise.race([closed, failed])) as [number | null];
    context.signal.throwIfAborted();
    if (code !== 0 && code !== 1) throw new UnavailableError(`ripgrep failed: ${complaint}`);
  } finally {
    child.kill();
    await Promise.race([closed, failed.catch(() => undefined)]);
  }
}

/** A file's matches count once its end has told that no NUL byte lies in it. */
async function* collectFiles(
  lines: AsyncIterable<string>,
  isWanted: (path: string) => boolean,
): AsyncGenerator<Match> {
  let matches: Match[] = [];
  for await (const line of lines) {
    const event = parseRipgrepLine(line);
    if (event?.kind === "match" && isWanted(event.match.path)) matches.push(event.match);
    if (event?.kind !== "end") continue;
    if (!event.binary) yield* matches;
    matches = [];
  }
}
