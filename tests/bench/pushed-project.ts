import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import type { LocalPath } from "../harness/local-path.ts";
import { realTree, SOME_HUNDRED } from "../harness/real-tree.ts";

const ZENODE = path.resolve(import.meta.dirname, "../../packages/cli/bin/command.mjs");
const PROJECT = "bench";
/** One of the sample's files, some KB of text. */
const FILE = "jose/README.md";

export interface PushedProject {
  readonly project: string;
  readonly file: string;
  readonly files: number;
}

/** Pushes some hundred real files the way a user does: with the command line. */
export async function pushSample({ state }: LocalPath): Promise<PushedProject> {
  const tree = await realTree(SOME_HUNDRED);
  try {
    const words = ["push", tree.folder, "--project", PROJECT, "--state", state, "--json"];
    const { stdout } = await promisify(execFile)(process.execPath, [ZENODE, ...words]);
    const { files } = JSON.parse(stdout) as { files: number };
    return { project: PROJECT, file: FILE, files };
  } finally {
    await tree.remove();
  }
}
