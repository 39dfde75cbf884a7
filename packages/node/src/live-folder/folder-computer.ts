import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Checkout, DisposableComputer } from "@zenode/core";
import { CallProcesses } from "../call-processes.ts";
import { findRipgrep } from "../ripgrep.ts";
import type { FolderProjects } from "./folder-projects.ts";
import type { FolderTree } from "./folder-tree.ts";

/** This machine for one job: the checkout is the folder itself, with a note of what is not the project's. */
export async function openFolderComputer(projects: FolderProjects): Promise<DisposableComputer> {
  const notes = await mkdtemp(path.join(os.tmpdir(), "zenode-stdio-"));
  const ignoreFile = path.join(notes, "ignore");
  let checkout: Promise<Checkout> | undefined;
  const bring = async (project: string): Promise<Checkout> => {
    const { number } = await projects.open(project);
    await writeFile(ignoreFile, await describeLeftOut(projects.tree));
    return { folder: projects.tree.root, snapshot: number, ignoreFile };
  };
  const processes = new CallProcesses();
  return {
    ripgrep: await findRipgrep(),
    start: (command) => processes.start(command),
    checkout(project) {
      checkout ??= bring(project);
      return checkout;
    },
    async dispose() {
      await processes.end();
      await rm(notes, { recursive: true, force: true });
    },
  };
}

/** In gitignore's format (gitignore(5), PATTERN FORMAT), a line each. */
async function describeLeftOut(tree: FolderTree): Promise<string> {
  const lines: string[] = [];
  for await (const { leftOut } of tree.listings(await tree.top())) {
    for (const one of leftOut) lines.push(`/${toPattern(one)}\n`);
  }
  return lines.join("");
}

/** The format has no way to write a control character; `?` stands for any one. */
function toPattern(relative: string): string {
  return (
    relative
      .replaceAll(/[\\*?[\]{} ]/g, "\\$&")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
      .replaceAll(/[\u0000-\u001f]/g, "?")
  );
}
