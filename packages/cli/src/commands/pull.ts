import { readdirSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { defineCommand } from "citty";
import { folderArgs } from "../connection/folder-arguments.ts";
import { findTarget } from "../connection/target.ts";
import { FolderSync, projectOf } from "../sync/folder-sync.ts";
import { type PullReport, pullFolder } from "../sync/pull-folder.ts";
import { CliError } from "../terminal/cli-error.ts";
import { count, listing, megabytes } from "../terminal/listing.ts";
import { ProgressLine } from "../terminal/progress-line.ts";

export const pull = defineCommand({
  meta: {
    name: "pull",
    description: "Take a project's changes into a folder; what was changed here stays",
  },
  args: {
    ...folderArgs,
    snapshot: {
      type: "string",
      description: "An old snapshot, into an empty folder",
      valueHint: "NUMBER",
    },
    "dry-run": { type: "boolean", description: "Only tell what would be done", default: false },
  },
  async run({ args }) {
    const target = findTarget(args);
    const snapshot = parseSnapshot(args.snapshot);
    const project = projectOf(args.folder, args.project);
    await mkdir(path.resolve(args.folder), { recursive: true });
    if (snapshot !== undefined && readdirSync(args.folder).length > 0) {
      throw new CliError(
        `${path.resolve(args.folder)} is not empty; --snapshot needs an empty folder.`,
      );
    }
    const sync = await FolderSync.open(target, args.folder, project);
    if (snapshot !== undefined) sync.forget();
    const lock = sync.memory.lock();
    const line = new ProgressLine(process.stderr);
    const started = performance.now();
    try {
      const report = await pullFolder(sync, {
        ...{ snapshot, dryRun: args["dry-run"] },
        onLook: (done, total) => line.show(done, total, `reading ${done} of ${total}`),
        onWrite: (done, total, bytes) =>
          line.show(done, total, `writing ${done} of ${total}, ${megabytes(bytes)}`),
      });
      line.end();
      const seconds = Math.round((performance.now() - started) / 100) / 10;
      const dryRun = args["dry-run"];
      if (args.json) console.log(JSON.stringify({ project, dryRun, ...report, seconds }));
      else tell(project, report, dryRun);
      if (report.conflicts.length > 0) process.exitCode = 1;
    } finally {
      line.end();
      lock.release();
    }
  },
});

function parseSnapshot(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new CliError(`--snapshot needs a number, not ${text}.`);
}

function tell(project: string, report: PullReport, dryRun: boolean): void {
  const { kind, snapshot, author, written, removed, conflicts, left, received } = report;
  if (kind === "unchanged") {
    console.log(`${project}: nothing new since snapshot ${snapshot}.`);
    return;
  }
  for (const text of listing(written, "+")) console.log(text);
  for (const text of listing(removed, "-")) console.log(text);
  const would = dryRun ? "would come" : "came";
  console.log(
    `${project} at snapshot ${snapshot} (by ${author}): ${count(written.length, "file")} ${would}, ${removed.length} went (received ${megabytes(received.bytes)}).`,
  );
  for (const { path: at, copy } of conflicts) {
    const theirs = copy === undefined ? "it was deleted there" : `theirs is ${copy}`;
    console.error(`zenode: ${at} changed on both sides: yours stays, ${theirs}`);
  }
  for (const { path: at, reason } of left) console.error(`zenode: left out ${at}: ${reason}`);
}
