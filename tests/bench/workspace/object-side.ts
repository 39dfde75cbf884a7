import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { LocalPath } from "../../harness/local-path.ts";
import type { SyncAnswer, SyncOrder } from "./object-sync-process.ts";
import type { Step } from "./step.ts";
import { type BenchTree, edited } from "./tree.ts";

/** A bucket beside the platform's, of the same S3. */
export const OBJECTS = "objects";
const PROCESS = path.join(import.meta.dirname, "object-sync-process.ts");

export interface ObjectSide {
  readonly steps: readonly Step[];
  end(): Promise<void>;
}

/** One object per file, in a process of its own that has started, so that its start is in no figure. */
export function objectSide({ cloud }: LocalPath, tree: BenchTree): ObjectSide {
  const child = fork(PROCESS, { stdio: "inherit" });
  const place = { endpoint: cloud.s3.endpoint, bucket: OBJECTS, prefix: "files/" };
  const ask = (method: SyncOrder["method"], ...args: readonly string[]) =>
    order(child, { place, method, args });
  return {
    steps: toSteps(tree, ask),
    async end() {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

type Ask = (
  method: SyncOrder["method"],
  ...args: readonly string[]
) => Promise<{ readonly ms: number; readonly count: number }>;

async function order(child: ChildProcess, sent: SyncOrder) {
  const answered = once(child, "message") as Promise<[SyncAnswer]>;
  child.send(sent);
  const [answer] = await answered;
  if ("failure" in answer) throw new Error(`${sent.method} failed: ${answer.failure}`);
  return answer;
}

function toSteps(tree: BenchTree, ask: Ask): readonly Step[] {
  const { files, folder, file, line } = tree;
  /** Rounds of what takes a request for every file. */
  const rounds = files > 1_000 ? 1 : 3;
  const counted = async (expected: number, ...words: Parameters<Ask>) => {
    const { ms, count } = await ask(...words);
    if (count !== expected) throw new Error(`${words[0]}: ${count} instead of ${expected}`);
    return ms;
  };
  return [
    { task: "push of all files", rounds: 1, run: () => counted(files, "push", folder) },
    {
      task: "push again, 10 changed",
      rounds: 3,
      before: () => tree.change(10),
      run: () => counted(10, "push", folder),
    },
    { task: "list a directory", rounds: 10, run: async () => (await ask("listDirectory")).ms },
    { task: "tree", rounds: 3, run: () => counted(files, "tree") },
    { task: "glob", rounds: 3, run: () => counted(tree.named, "glob") },
    { task: "read a file", rounds: 20, run: async () => (await ask("read", file)).ms },
    { task: "search", rounds, run: () => counted(tree.matches, "search") },
    { task: "snapshot to local disk", rounds, run: () => download(files, counted) },
    {
      task: "edit",
      rounds: 10,
      run: async (round) => {
        const [from, to] = [edited(line, round), edited(line, round + 1)];
        return (await ask("edit", file, from, to)).ms;
      },
    },
  ];
}

async function download(
  files: number,
  counted: (expected: number, ...words: Parameters<Ask>) => Promise<number>,
): Promise<number> {
  const target = await mkdtemp(path.join(os.tmpdir(), "zenode-bench-objects-"));
  try {
    return await counted(files, "download", target);
  } finally {
    await rm(target, { recursive: true, force: true });
  }
}
