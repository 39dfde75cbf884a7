import { defineCommand } from "citty";
import { folderArgs } from "../connection/folder-arguments.ts";
import { findTarget } from "../connection/target.ts";
import { folderStatus, type StatusReport } from "../sync/folder-status.ts";
import { FolderSync, projectOf } from "../sync/folder-sync.ts";
import { listing } from "../terminal/listing.ts";
import { ProgressLine } from "../terminal/progress-line.ts";

export const status = defineCommand({
  meta: { name: "status", description: "What differs between a folder and its project" },
  args: folderArgs,
  async run({ args }) {
    const project = projectOf(args.folder, args.project);
    const sync = await FolderSync.open(findTarget(args), args.folder, project);
    const line = new ProgressLine(process.stderr);
    try {
      const report = await folderStatus(sync, (done, total) =>
        line.show(done, total, `reading ${done} of ${total}`),
      );
      line.end();
      console.log(args.json ? JSON.stringify(report) : toText(report));
    } finally {
      line.end();
    }
  },
});

const MARKS = { added: "A", modified: "M", deleted: "D" } as const;

function toText(report: StatusReport): string {
  const conflicts = new Set(report.conflicts);
  const lines = (changes: StatusReport["here"]) =>
    changes
      .filter(({ path }) => !conflicts.has(path))
      .flatMap(({ path, change }) => listing([path], `  ${MARKS[change]}`));
  return [
    position(report),
    ...titled("Changed here (zenode push):", lines(report.here)),
    ...titled("Changed there (zenode pull):", lines(report.there)),
    ...titled("Changed on both sides (zenode pull keeps both):", listing(report.conflicts, "  !")),
  ].join("\n");
}

function position({ project, snapshot, head, behind }: StatusReport): string {
  if (head === 0) return `There is no project ${project} yet.`;
  if (snapshot === 0) return `${project} is at snapshot ${head}; this folder has none of it yet.`;
  if (behind === 0) return `${project} is at snapshot ${head}, and so is this folder.`;
  return `${project} is at snapshot ${head}; this folder is ${behind} behind, at ${snapshot}.`;
}

function titled(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines];
}
