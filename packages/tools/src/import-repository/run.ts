import {
  type ImportedFiles,
  type Importer,
  type ImportOptions,
  type Json,
  parseProjectName,
  RefusedError,
  type Snapshot,
  type ToolContext,
} from "@zenode/core";
import { boundPlaces } from "../project/bound-lists.ts";
import { needTransfers } from "../project/need-transfers.ts";
import { refusalToFailure } from "../project/refusal-to-failure.ts";
import { toPath } from "../project/tool-path.ts";
import type { ImportInput } from "./input.ts";
import { type PlannedChanges, planChanges } from "./plan-changes.ts";
import { type Report, toResult } from "./report.ts";

/** Progress that comes faster is passed over. */
const TOLD_MS = 250;

export const run = refusalToFailure<ImportInput>(async (input, context) => {
  // Kept by an earlier run of this call, before it committed.
  const earlier = context.resumed as unknown as Report | undefined;
  const done = earlier && (await context.projects.committed(earlier.project, earlier.base));
  if (done) return toResult(earlier, done.number);
  const project = parseProjectName(input.project);
  const base = await findBase(context, project, input.if_exists);
  const steps = countSteps(context);
  const imported = await bring(input, context, steps);
  const planned = await plan(base, imported, input.if_exists);
  const report = toReport({ project, base, imported, planned });
  await context.checkpoint(report as unknown as Json);
  steps(`Storing ${planned.written} files`);
  const from = input.repository ?? `an uploaded ${imported.format}`;
  const message = `import_repository ${from}${imported.commit ? ` at ${imported.commit}` : ""}`;
  const made = base
    ? await context.projects.change(base, planned.changes, message.slice(0, 2000))
    : await context.projects.create(project, planned.changes, message.slice(0, 2000));
  return toResult(report, made.number);
});

/** The project as it is; undefined: there is none. @throws RefusedError `conflict`. */
async function findBase(
  { projects }: ToolContext,
  project: string,
  ifExists: ImportInput["if_exists"],
): Promise<Snapshot | undefined> {
  if (!(await projects.names()).includes(project)) return undefined;
  if (ifExists !== "refuse") return projects.open(project);
  throw new RefusedError(
    "conflict",
    `There is a project ${project} already. Import under another name, or pass if_exists: replace or merge.`,
  );
}

/** @throws RefusedError `invalid_input`, and those of the importer. */
async function bring(
  input: ImportInput,
  context: ToolContext,
  steps: (message: string) => void,
): Promise<ImportedFiles> {
  const { repository: url, upload, ref } = input;
  const folder = toPath(input.folder);
  const importer = needImporter(context);
  const given = { ...(ref !== undefined && { ref }) };
  const tell = seldom(context, steps);
  const options: ImportOptions = { tell, signal: context.signal, folder };
  if (url !== undefined && upload === undefined) return importer.clone({ url, ...given }, options);
  if (upload !== undefined && url === undefined) {
    const { bytes, content } = await needTransfers(context).openUpload(upload);
    return importer.unpack({ bytes, content, ...given }, options);
  }
  throw new RefusedError("invalid_input", "Say from where: pass either repository or upload.");
}

function needImporter({ computer }: ToolContext): Importer {
  if (computer?.importer) return computer.importer;
  throw new RefusedError(
    "invalid_input",
    "This server imports nothing: it serves your own folder, on your own machine. Clone or unpack it there yourself.",
  );
}

/** Each message is a step further; how many there will be nobody knows. */
function countSteps({ progress }: ToolContext): (message: string) => void {
  let steps = 0;
  return (message) => {
    steps += 1;
    progress(steps, undefined, message.slice(0, 500));
  };
}

function seldom({ clock }: ToolContext, steps: (message: string) => void): ImportOptions["tell"] {
  let [last, toldAt] = ["", 0];
  return (message) => {
    const now = clock.now();
    if (message === last || now - toldAt < TOLD_MS) return;
    [last, toldAt] = [message, now];
    steps(message);
  };
}

async function plan(
  base: Snapshot | undefined,
  { files }: ImportedFiles,
  ifExists: ImportInput["if_exists"],
): Promise<PlannedChanges> {
  if (!base) return { changes: files, written: files.length, removed: 0 };
  return planChanges(base, files, ifExists === "merge" ? "merge" : "replace");
}

function toReport({
  project,
  base,
  imported,
  planned,
}: {
  readonly project: string;
  readonly base: Snapshot | undefined;
  readonly imported: ImportedFiles;
  readonly planned: PlannedChanges;
}): Report {
  const { format, commit, files, bytes, leftOut } = imported;
  return {
    project,
    base: base?.number ?? 0,
    source: format,
    ...(commit !== undefined && { commit }),
    files: files.length,
    bytes,
    written: planned.written,
    removed: planned.removed,
    left_out: boundPlaces(leftOut),
    left_out_count: leftOut.length,
  };
}
