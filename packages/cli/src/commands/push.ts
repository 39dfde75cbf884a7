import { statSync } from "node:fs";
import path from "node:path";
import { type PushOutcome, type PushProgress, push as pushFiles } from "@zenode/core";
import { nodeCodec, openFolder } from "@zenode/node";
import { defineCommand } from "citty";
import { apiTransport } from "../connection/api-transport.ts";
import { commonArgs } from "../connection/arguments.ts";
import { findTarget } from "../connection/target.ts";
import { CliError } from "../terminal/cli-error.ts";
import { ProgressLine } from "../terminal/progress-line.ts";

export const push = defineCommand({
  meta: {
    name: "push",
    description: "Push a folder into a project; .gitignore and .zenodeignore are respected",
  },
  args: {
    folder: { type: "positional", description: "The folder", required: true },
    project: {
      type: "string",
      description: "Name of the project; absent: the folder's",
      valueHint: "NAME",
    },
    message: { type: "string", description: "What the snapshot is", default: "push" },
    ...commonArgs,
  },
  async run({ args }) {
    const folder = path.resolve(args.folder);
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
      throw new CliError(`${folder} is no folder.`);
    const project = args.project ?? path.basename(folder).toLowerCase();
    const line = new ProgressLine(process.stderr);
    const started = performance.now();
    try {
      const outcome = await pushFiles({
        project,
        message: args.message,
        source: openFolder(folder),
        codec: nodeCodec,
        transport: apiTransport(findTarget(args)),
        onProgress: (progress) => line.show(...describe(progress)),
      });
      line.end();
      const seconds = Math.round((performance.now() - started) / 100) / 10;
      console.log(
        args.json
          ? JSON.stringify({ project, ...outcome, seconds })
          : summary(project, outcome, seconds),
      );
      for (const { path: skipped, reason } of outcome.skipped)
        console.error(`zenode: left out ${skipped}: ${reason}`);
    } finally {
      line.end();
    }
  },
});

const PHASES: Readonly<Record<PushProgress["phase"], string>> = {
  hash: "reading",
  compare: "comparing",
  upload: "uploading",
  commit: "committing",
};

function describe({ phase, files, totalFiles }: PushProgress): [number, number, string] {
  return [files, totalFiles, `${PHASES[phase]} ${files} of ${totalFiles}`];
}

function summary(project: string, outcome: PushOutcome, seconds: number): string {
  const { kind, snapshot, files, uploaded } = outcome;
  const state = kind === "unchanged" ? "unchanged at snapshot" : "is now at snapshot";
  const sent = `${uploaded.blobs} new objects in ${uploaded.packs} packs, ${(uploaded.bytes / 1e6).toFixed(1)} MB`;
  return `${project} ${state} ${snapshot}: ${files} files (sent ${sent}) in ${seconds} s.`;
}
