import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Step } from "./step.ts";
import { type BenchTree, edited, NAME_END, WORD } from "./tree.ts";

const run = promisify(execFile);
/** Of what a command prints. */
const MAX_OUTPUT = 256 * 1024 * 1024;

export interface GitSide {
  readonly steps: readonly Step[];
  remove(): Promise<void>;
}

/** The same with git, each command a process, to a bare repository on local disk. Undefined: there is no git. */
export async function gitSide(tree: BenchTree): Promise<GitSide | undefined> {
  const found = await run("git", ["--version"]).catch(() => undefined);
  if (!found) return undefined;
  const home = await mkdtemp(path.join(os.tmpdir(), "zenode-bench-git-"));
  // git would go on packing in the background, beside the next figure.
  await writeFile(
    path.join(home, ".gitconfig"),
    "[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n",
  );
  return { steps: toSteps(tree, home), remove: () => rm(home, { recursive: true, force: true }) };
}

function toSteps(tree: BenchTree, home: string): readonly Step[] {
  const { folder, files, file, line } = tree;
  const bare = path.join(home, "bare.git");
  const git = gitIn(folder, home);
  const commitAndPush = async () => {
    await git("commit", "--quiet", "--message=bench");
    await git("push", "--quiet", bare, "HEAD:refs/heads/main");
  };
  const addAndPush = async () => {
    await git("add", "--all");
    await commitAndPush();
    return undefined;
  };
  const printed = async (...words: readonly string[]) => {
    await git(...words);
    return undefined;
  };
  return [
    {
      task: "push of all files",
      rounds: 1,
      before: async () => {
        await git("init", "--quiet", "--bare", bare);
        await git("init", "--quiet");
      },
      run: addAndPush,
    },
    {
      task: "push again, 10 changed",
      rounds: 3,
      before: () => tree.change(10),
      run: addAndPush,
    },
    { task: "list a directory", rounds: 5, run: () => printed("ls-tree", "HEAD") },
    { task: "tree", rounds: 5, run: () => printed("ls-tree", "-r", "HEAD") },
    { task: "glob", rounds: 5, run: () => printed("ls-files", "--", `*${NAME_END}`) },
    { task: "read a file", rounds: 5, run: () => printed("show", `HEAD:${file}`) },
    { task: "search", rounds: 3, run: () => printed("grep", "-n", WORD) },
    {
      task: "snapshot to local disk",
      rounds: files > 1_000 ? 1 : 3,
      run: () => clone(git, bare, home),
    },
    {
      task: "edit",
      rounds: 5,
      run: async (round) => {
        const target = path.join(folder, file);
        const text = await readFile(target, "utf8");
        const [from, to] = [edited(line, round), edited(line, round + 1)];
        await writeFile(
          target,
          text.replace(from, () => to),
        );
        await git("add", file);
        await commitAndPush();
        return undefined;
      },
    },
  ];
}

type Git = (...words: readonly string[]) => Promise<void>;

/** git on a folder whose repository lies elsewhere, without this machine's settings. */
function gitIn(folder: string, home: string): Git {
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "bench",
    GIT_AUTHOR_EMAIL: "bench@example.com",
    GIT_COMMITTER_NAME: "bench",
    GIT_COMMITTER_EMAIL: "bench@example.com",
  };
  const place = { GIT_DIR: path.join(home, "repository"), GIT_WORK_TREE: folder };
  return async (...words) => {
    // A bare repository and a clone are places of their own.
    const own = words.includes("--bare") || words[0] === "clone" ? {} : place;
    const options = { cwd: folder, env: { ...env, ...own }, maxBuffer: MAX_OUTPUT };
    await run("git", words, options);
  };
}

async function clone(git: Git, bare: string, home: string): Promise<number> {
  const target = path.join(home, "clone");
  const started = performance.now();
  // Without it a clone on one disk links the packs instead of copying them.
  await git("clone", "--quiet", "--no-local", "--branch=main", bare, target);
  const ms = performance.now() - started;
  await rm(target, { recursive: true, force: true });
  return ms;
}
