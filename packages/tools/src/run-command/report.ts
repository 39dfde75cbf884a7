import {
  betweenCharacters,
  type FolderChanges,
  type Isolation,
  type Json,
  type JsonObject,
  KIB,
  structured,
  type ToolResult,
} from "@zenode/core";

/** What a command came to, as the tool's output schema has it. */
export interface Report {
  readonly project: string;
  readonly snapshot: number;
  readonly exit_code: number;
  readonly stopped?: "timeout" | "output" | "memory" | "processes" | "disk";
  readonly out_of_memory: boolean;
  readonly duration_ms: number;
  readonly output: string;
  readonly output_bytes: number;
  readonly output_cut: boolean;
  readonly added: readonly string[];
  readonly modified: readonly string[];
  readonly deleted: readonly string[];
  readonly changed_files: number;
  readonly left_out: FolderChanges["leftOut"];
  readonly committed?: number;
  readonly conflicts: readonly string[];
  readonly kept_in?: string;
  readonly not_committed?: string;
  readonly isolation: Isolation;
}

/** Of the output in a checkpoint: each of its characters may take six bytes there. */
const CHECKPOINT_CHARACTERS = 4 * KIB;

/** What another run needs to tell the result, should it find that this one's commit was made. */
export function toCheckpoint(report: Report): Json {
  const cut = betweenCharacters(report.output, CHECKPOINT_CHARACTERS);
  const output = report.output.slice(0, cut);
  const output_cut = report.output_cut || output.length < report.output.length;
  return { ...toJson(report), output, output_cut };
}

export function toResult(report: Report): ToolResult {
  return structured(toJson(report), describe(report));
}

function toJson(report: Report): JsonObject {
  return { ...report } as unknown as JsonObject;
}

function describe(report: Report): string {
  return [describeEnd(report), ...describeFiles(report), "", report.output].join("\n").trimEnd();
}

function describeEnd({ exit_code, stopped, out_of_memory, duration_ms }: Report): string {
  const seconds = (duration_ms / 1000).toFixed(1);
  if (stopped) return `Ended after ${seconds} s: ${STOPPED[stopped]}.`;
  if (out_of_memory) return `Killed after ${seconds} s, likely for lack of memory (exit code 137).`;
  return `Exit code ${exit_code} after ${seconds} s.`;
}

const STOPPED: Readonly<Record<NonNullable<Report["stopped"]>, string>> = {
  timeout: "it did not end in time",
  output: "it wrote too much output",
  memory: "it used too much memory",
  processes: "it started too many processes",
  disk: "it used too much disk",
};

function describeFiles(report: Report): readonly string[] {
  const { added, modified, deleted, left_out, changed_files } = report;
  const lines = [
    ...added.map((path) => `  A ${path}`),
    ...modified.map((path) => `  M ${path}`),
    ...deleted.map((path) => `  D ${path}`),
  ];
  if (lines.length < changed_files) lines.push(`  … ${changed_files - lines.length} more`);
  const left = left_out.map(({ path, why }) => `  ! ${JSON.stringify(path)} stays out: ${why}`);
  return [...describeCommit(report), ...lines, ...left];
}

function describeCommit(report: Report): readonly string[] {
  const { project, committed, conflicts, kept_in, not_committed, changed_files, snapshot } = report;
  if (changed_files === 0) return [`It changed no files of snapshot ${snapshot}.`];
  const files = `${changed_files} changed files`;
  const kept = kept_in ? `; what it made of them is kept in the project ${kept_in}` : "";
  const others = conflicts.map((conflict) => `Not committed: ${conflict}`);
  if (others.length > 0) others.push(`Others were first with these${kept}.`);
  if (not_committed !== undefined) return [`Nothing was committed: ${not_committed}`, ...others];
  if (committed !== undefined)
    return [`${files}, committed as snapshot ${committed} of ${project}.`, ...others];
  if (others.length > 0) return others;
  return [`${files}, discarded. Call it with commit: "commit" to keep such changes.`];
}
