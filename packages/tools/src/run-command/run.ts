import { realpath, stat } from "node:fs/promises";
import path from "node:path";
import { type FolderChanges, RefusedError, type Sandbox, type ToolContext } from "@zenode/core";
import { boundPaths, boundPlaces } from "../project/bound-lists.ts";
import { openProject } from "../project/choose-project.ts";
import { refusalToFailure } from "../project/refusal-to-failure.ts";
import { toPath } from "../project/tool-path.ts";
import { commitChanges } from "./commit-changes.ts";
import type { RunCommandInput } from "./input.ts";
import { type Report, toCheckpoint, toResult } from "./report.ts";
import { type Ran, runProcess } from "./run-process.ts";
import { toProgram } from "./to-program.ts";

export const run = refusalToFailure<RunCommandInput>(async (input, context) => {
  // Kept by an earlier run of this call, before it committed.
  const earlier = context.resumed as Report | undefined;
  const done = earlier && (await context.projects.committed(earlier.project, earlier.snapshot));
  if (done) return toResult({ ...earlier, committed: done.number });
  const { checkout, sandbox } = needSandbox(context);
  const program = toProgram(input);
  const { project } = await openProject(context, input.project);
  context.progress(0, undefined, `Bringing ${project} to the worker's disk`);
  const folder = await findFolder((await checkout(project)).folder, toPath(input.folder));
  const ran = await runProcess({ sandbox, input, context }, { ...program, project, folder });
  const changes = await sandbox.changes(project);
  const report = { ...toReport(ran, changes), isolation: await sandbox.isolation() };
  if (input.commit === "discard" || changes.changes.length === 0) return toResult(report);
  if (ran.stopped) return toResult({ ...report, not_committed: HALF_DONE });
  const order = { changes, message: `run_command ${input.command.slice(0, 200)}` };
  const keptIn = earlier?.kept_in;
  const outcome = await commitChanges(context, { ...order, ...(keptIn && { keptIn }) }, (sofar) =>
    context.checkpoint(toCheckpoint({ ...report, ...sofar })),
  );
  return toResult({ ...report, ...outcome });
});

const HALF_DONE = "it was ended by a limit, and files may be half written.";

function needSandbox({ computer }: ToolContext) {
  const sandbox: Sandbox | undefined = computer?.sandbox;
  if (computer && sandbox) return { sandbox, checkout: computer.checkout };
  throw new RefusedError(
    "invalid_input",
    "This server runs no commands: it serves your own folder, on your own machine. Run the command there yourself.",
  );
}

/** @throws RefusedError `not_a_directory`: also for one that a link leads to. */
async function findFolder(root: string, folder: string): Promise<string> {
  const absolute = path.join(root, folder);
  const real = await realpath(absolute).catch(() => undefined);
  if (real === absolute && (await stat(real)).isDirectory()) return folder;
  throw new RefusedError("not_a_directory", `${folder} is no directory of the project.`);
}

function toReport(ran: Ran, changes: FolderChanges): Omit<Report, "isolation"> {
  const { base, added, modified, deleted, leftOut } = changes;
  return {
    project: base.project,
    snapshot: base.number,
    ...ran,
    added: boundPaths(added),
    modified: boundPaths(modified),
    deleted: boundPaths(deleted),
    changed_files: added.length + modified.length + deleted.length,
    left_out: boundPlaces(leftOut),
    conflicts: [],
  };
}
