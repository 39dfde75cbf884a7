import type { PushProgress } from "@zenode/core";
import { defineCommand } from "citty";
import { folderArgs, messageArg } from "../connection/folder-arguments.ts";
import { findTarget } from "../connection/target.ts";
import { FolderSync, projectOf, realFolder } from "../sync/folder-sync.ts";
import { type PushReport, pushFolder } from "../sync/push-folder.ts";
import { count, megabytes, someOf } from "../terminal/listing.ts";
import { ProgressLine } from "../terminal/progress-line.ts";

export const push = defineCommand({
  meta: {
    name: "push",
    description:
      "Push a folder's changes into a project; .gitignore and .zenodeignore are respected",
  },
  args: {
    ...folderArgs,
    folder: { type: "positional", description: "The folder", required: true },
    message: messageArg,
    replace: {
      type: "boolean",
      description: "Make the project exactly what the folder is, whatever others changed",
      default: false,
    },
  },
  async run({ args }) {
    realFolder(args.folder);
    const project = projectOf(args.folder, args.project);
    const sync = await FolderSync.open(findTarget(args), args.folder, project);
    const lock = sync.memory.lock();
    const line = new ProgressLine(process.stderr);
    const started = performance.now();
    try {
      const report = await pushFolder(sync, {
        ...{ message: args.message, replace: args.replace },
        onLook: (done, total) => line.show(done, total, `reading ${done} of ${total}`),
        onProgress: (progress) => show(line, progress),
      });
      line.end();
      const seconds = Math.round((performance.now() - started) / 100) / 10;
      console.log(
        args.json
          ? JSON.stringify({ project, ...report, seconds })
          : summary(project, report, seconds),
      );
      if (report.kind === "conflict") process.exitCode = 1;
      for (const { path: skipped, reason } of report.skipped)
        console.error(`zenode: left out ${skipped}: ${reason}`);
    } finally {
      line.end();
      lock.release();
    }
  },
});

/** While the folder is read nobody knows how much there is to upload; a comparison and a commit are one step each. */
function show(line: ProgressLine, { phase, files, totalFiles, bytes }: PushProgress): void {
  if (phase === "compare") line.tell("comparing");
  else if (phase === "commit") line.tell(`committing ${count(totalFiles, "change")}`);
  else if (phase === "hash") line.show(files, totalFiles, `reading ${files} of ${totalFiles}`);
  else if (totalFiles === 0) line.tell(`uploading, ${megabytes(bytes)} so far`);
  else line.show(files, totalFiles, `uploading ${files} of ${totalFiles}, ${megabytes(bytes)}`);
}

function summary(project: string, report: PushReport, seconds: number): string {
  if (report.kind === "conflict") {
    const { conflicts, head, author } = report;
    return `Nothing was pushed: ${author} was first, and ${someOf(conflicts)} changed there (snapshot ${head}) as well as here. Pull first: zenode pull --project ${project}`;
  }
  const { kind, snapshot, files, uploaded, behind } = report;
  const state = kind === "unchanged" ? "unchanged at snapshot" : "is now at snapshot";
  const sent = `${count(uploaded.blobs, "new object")} in ${count(uploaded.packs, "pack")}, ${megabytes(uploaded.bytes)}`;
  const merged =
    behind > 0
      ? ` Others changed ${count(behind, "file")}, not here yet: zenode pull --project ${project}`
      : "";
  return `${project} ${state} ${snapshot}: ${count(files, "file")} (sent ${sent}) in ${seconds} s.${merged}`;
}
