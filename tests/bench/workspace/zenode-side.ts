import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import path from "node:path";
import { promisify } from "node:util";
import { MIB } from "@zenode/core";
import { catalogue } from "@zenode/tools";
import type { LocalPath } from "../../harness/local-path.ts";
import { callTool, endProcesses, readStructured } from "../path-call.ts";
import type { Step, Task } from "./step.ts";
import { type BenchTree, edited, NAME_END, WORD } from "./tree.ts";

const ZENODE = path.resolve(import.meta.dirname, "../../../packages/cli/bin/command.mjs");
const PROJECT = "bench";
/** The most that a search shows; each call asks for another number, so that none is answered by an earlier one's job. */
const MAX_RESULTS = 1_000;

export interface ZenodeSide {
  readonly local: LocalPath;
  readonly token: string;
  readonly tree: BenchTree;
}

/** zenode over the whole local path: the command line for pushes, tool calls for the rest. */
export function zenodeSteps(side: ZenodeSide): readonly Step[] {
  const { tree } = side;
  const push = (project: string) => pushTree(side, project);
  return [
    {
      task: "push of all files",
      rounds: tree.files > 10_000 ? 1 : 3,
      // A project of its own for each, the one that is used last.
      run: (round) => push(round === 0 ? PROJECT : `${PROJECT}-${round}`),
    },
    {
      task: "push again, 10 changed",
      rounds: 3,
      before: () => tree.change(10),
      run: () => push(PROJECT),
    },
    ...listingSteps(side),
    ...readingSteps(side),
    ...searchSteps(side),
    checkoutStep(side),
    editStep(side),
  ];
}

/** Tools that list, each giving what one answer holds; one that the catalogue does not have is left out. */
function listingSteps(side: ZenodeSide): readonly Step[] {
  const listings: readonly [Task, string, Record<string, unknown>][] = [
    ["list a directory", "list_directory", {}],
    ["tree", "tree", { depth: 20, max_lines: 1_000 }],
    ["glob", "find_files", { glob: `*${NAME_END}`, max_results: 2_000 }],
  ];
  return listings
    .filter(([, tool]) => catalogue.some(({ name }) => name === tool))
    .flatMap(([task, tool, args]) => coldAndWarm(side, task, () => call(side, tool, args)));
}

function readingSteps(side: ZenodeSide): readonly Step[] {
  const { file, others } = side.tree;
  const read = (name: string) => call(side, "read_file", { path: name });
  return [
    ...coldAndWarm(side, "read a file", () => read(file)),
    {
      task: "read a file",
      how: "another one each time",
      rounds: others.length,
      run: (round) => read(String(others[round])),
    },
  ];
}

function searchSteps(side: ZenodeSide): readonly Step[] {
  let asked = 0;
  const search = async (tool: string): Promise<undefined> => {
    asked += 1;
    const args = { project: PROJECT, pattern: WORD, max_results: MAX_RESULTS - asked };
    const result = await callTool(side.local, side.token, tool, args);
    const { matches } = (await readStructured(side.local, side.token, result)) as {
      matches: readonly unknown[];
    };
    if (matches.length === side.tree.matches) return;
    throw new Error(`${tool} found ${matches.length} lines instead of ${side.tree.matches}.`);
  };
  const [cold, warm] = side.tree.files > 10_000 ? [1, 2] : [3, 10];
  const here = () => search("bench_search_here");
  const before = () => endProcesses(side.local.cloud);
  return [
    { task: "search", how: "in Lambda, new process", rounds: cold, before, run: here },
    { task: "search", how: "in Lambda, warm", rounds: warm, run: here },
    { task: "search", how: "where it is placed", rounds: cold, run: () => search("search_files") },
  ];
}

/** Each on a worker that has just started; the time is the checkout's alone. */
function checkoutStep(side: ZenodeSide): Step {
  const { local, token, tree } = side;
  return {
    task: "snapshot to local disk",
    how: "on a worker",
    rounds: tree.files > 10_000 ? 1 : 3,
    async run() {
      const args = { project: PROJECT, nonce: randomUUID() };
      const { structuredContent } = await callTool(local, token, "bench_checkout", args);
      const { ms, files } = structuredContent as { ms: number; files: number };
      if (files === tree.files) return ms;
      throw new Error(`${files} files came to the worker's disk instead of ${tree.files}.`);
    },
  };
}

function editStep(side: ZenodeSide): Step {
  const { file, line } = side.tree;
  return {
    task: "edit",
    rounds: 20,
    run(round) {
      const edit = { old_text: edited(line, round), new_text: edited(line, round + 1) };
      return call(side, "edit_file", { path: file, edits: [edit] });
    },
  };
}

function coldAndWarm(
  { local }: ZenodeSide,
  task: Task,
  run: () => Promise<undefined>,
): readonly Step[] {
  const before = () => endProcesses(local.cloud);
  return [
    { task, how: "new process", rounds: 3, before, run },
    { task, how: "warm", rounds: 10, run },
  ];
}

async function call(
  { local, token }: ZenodeSide,
  tool: string,
  args: Record<string, unknown>,
): Promise<undefined> {
  await callTool(local, token, tool, { project: PROJECT, ...args });
}

/** The command as a user gives it, its start included. */
async function pushTree({ local, tree }: ZenodeSide, project: string): Promise<undefined> {
  const words = ["push", tree.folder, "--project", project, "--state", local.state, "--json"];
  // It names every path that changed.
  const options = { maxBuffer: 64 * MIB };
  const { stdout } = await promisify(execFile)(process.execPath, [ZENODE, ...words], options);
  const { files } = JSON.parse(stdout) as { files: number };
  if (files !== tree.files) throw new Error(`${files} files were pushed instead of ${tree.files}.`);
}
