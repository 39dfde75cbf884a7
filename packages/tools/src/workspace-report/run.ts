import {
  comparePaths,
  type FileEntry,
  type Snapshot,
  structured,
  type ToolContext,
} from "@zenode/core";
import { openProject } from "../project/choose-project.ts";
import { refusalToFailure } from "../project/refusal-to-failure.ts";
import { countNewlines, isBinary } from "../project/text-file.ts";
import type { WorkspaceReportInput } from "./input.ts";
import { toLanguage } from "./language.ts";

/** Paths named for one content; a licence may lie in thousands of places. */
const MAX_PATHS = 20;

export interface Totals {
  files: number;
  bytes: number;
  lines: number;
}

export const run = refusalToFailure<WorkspaceReportInput>(async ({ project, top }, context) => {
  const snapshot = await openProject(context, project);
  const files: FileEntry[] = [];
  let links = 0;
  for await (const entry of snapshot.walk()) {
    if (entry.kind === "file") files.push(entry);
    else links++;
  }
  const counts = await countFiles(snapshot, files, context);
  const report = {
    project: snapshot.project,
    snapshot: snapshot.number,
    totals: { ...counts.totals, links, binary_files: counts.binary },
    languages: [...counts.languages]
      .map(([language, totals]) => ({ language, ...totals }))
      .sort((a, b) => b.bytes - a.bytes || comparePaths(a.language, b.language)),
    largest: findLargest(files, top),
    duplicates: findDuplicates(files, top),
  };
  return structured(report, describeReport(report));
});

async function countFiles(snapshot: Snapshot, files: readonly FileEntry[], context: ToolContext) {
  const languages = new Map<string, Totals>();
  const totals: Totals = { files: 0, bytes: 0, lines: 0 };
  let binary = 0;
  const step = Math.max(1, Math.floor(files.length / 100));
  for await (const { file, content } of snapshot.readMany(files)) {
    context.signal.throwIfAborted();
    const isText = !isBinary(content);
    if (!isText) binary++;
    const lines = isText ? countNewlines(content) : 0;
    const language = toLanguage(file.path);
    const sum = languages.get(language) ?? { files: 0, bytes: 0, lines: 0 };
    languages.set(language, sum);
    for (const one of [sum, totals]) {
      one.files++;
      one.bytes += content.length;
      one.lines += lines;
    }
    if (totals.files % step === 0 || totals.files === files.length) {
      context.progress(
        totals.files,
        files.length,
        `Counted ${totals.files} of ${files.length} files`,
      );
    }
  }
  return { languages, totals, binary };
}

function findLargest(files: readonly FileEntry[], top: number) {
  return files
    .toSorted((a, b) => b.bytes - a.bytes || comparePaths(a.path, b.path))
    .slice(0, top)
    .map(({ path, bytes }) => ({ path, bytes }));
}

/** Contents that lie in several places, those that waste most first. Empty files are no waste. */
function findDuplicates(files: readonly FileEntry[], top: number) {
  const groups = [...Map.groupBy(files, ({ blob }) => blob).values()];
  return groups
    .filter(([first, second]) => first && second && first.bytes > 0)
    .map((group) => {
      const bytes = group[0]?.bytes ?? 0;
      const paths = group.slice(0, MAX_PATHS).map(({ path }) => path);
      return { bytes, copies: group.length, wasted_bytes: bytes * (group.length - 1), paths };
    })
    .sort(
      (a, b) => b.wasted_bytes - a.wasted_bytes || comparePaths(a.paths[0] ?? "", b.paths[0] ?? ""),
    )
    .slice(0, top);
}

interface Report {
  readonly project: string;
  readonly snapshot: number;
  readonly totals: Totals & { readonly links: number; readonly binary_files: number };
  readonly languages: readonly (Totals & { readonly language: string })[];
  readonly largest: readonly { readonly path: string; readonly bytes: number }[];
  readonly duplicates: ReturnType<typeof findDuplicates>;
}

function describeReport({
  project,
  snapshot,
  totals,
  languages,
  largest,
  duplicates,
}: Report): string {
  return [
    `Project ${project}, snapshot ${snapshot}: ${totals.files} files, ${totals.bytes} bytes, ${totals.lines} lines, ${totals.links} links, ${totals.binary_files} binary files.`,
    "",
    "Languages (files, lines, bytes):",
    ...languages.map((one) => `  ${one.language}: ${one.files}, ${one.lines}, ${one.bytes}`),
    "",
    "Largest files (bytes):",
    ...largest.map((one) => `  ${one.path}: ${one.bytes}`),
    "",
    duplicates.length === 0
      ? "No two files have the same content."
      : "Same content in several files:",
    ...duplicates.map((one) => `  ${one.copies} x ${one.bytes} bytes: ${one.paths.join(", ")}`),
  ].join("\n");
}
