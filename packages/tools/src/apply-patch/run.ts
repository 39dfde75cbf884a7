import { type JsonObject, structured } from "@zenode/core";
import { changed } from "../project/changed.ts";
import { openProject } from "../project/choose-project.ts";
import { refusalToFailure } from "../project/refusal-to-failure.ts";
import type { MovedHunk } from "./apply-hunks.ts";
import type { ApplyPatchInput } from "./input.ts";
import { parsePatch } from "./parse-patch.ts";
import { type PlannedFile, planPatch } from "./plan-patch.ts";

const LETTERS = {
  modified: "M",
  created: "A",
  deleted: "D",
  renamed: "R",
  copied: "C",
} as const;

export const run = refusalToFailure<ApplyPatchInput>(async (input, context) => {
  const { dry_run } = input;
  const patches = parsePatch(input.patch);
  const base = await openProject(context, input.project);
  const files = await planPatch(patches, base);
  const count = files.length === 1 ? "one file" : `${files.length} files`;
  const changes = files.flatMap((file) => file.changes);
  const after = dry_run
    ? base
    : await context.projects.change(base, changes, `apply_patch: ${count}`);
  const did = dry_run
    ? `Would change ${count}; nothing was written.`
    : `Changed ${count} in snapshot ${after.number} of ${after.project}.`;
  return structured(
    { ...changed(after), files: files.map(toAnswer), dry_run },
    [did, ...files.flatMap(describe)].join("\n"),
  );
});

function toAnswer({ path, change, from, added, removed, moved }: PlannedFile): JsonObject {
  const told = moved.map(({ hunk, line, offset }) => ({ hunk, line, offset }));
  return { path, change, ...(from !== undefined && { from }), added, removed, moved: told };
}

function describe({ path, change, from, added, removed, moved }: PlannedFile): readonly string[] {
  const name = from === undefined ? path : `${from} -> ${path}`;
  return [`${LETTERS[change]} ${name} (+${added} -${removed})`, ...moved.map(describeMoved)];
}

function describeMoved({ hunk, line, offset }: MovedHunk): string {
  const where = `${Math.abs(offset)} lines ${offset > 0 ? "below" : "above"}`;
  return `  hunk ${hunk} was at line ${line}, ${where} where the patch says`;
}
