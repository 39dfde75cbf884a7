import { type ImportFormat, type JsonObject, structured, type ToolResult } from "@zenode/core";
import type { LeftOut } from "../project/bound-lists.ts";

/** What an import came to, as the tool's output schema has it, but for the snapshot. */
export interface Report {
  readonly project: string;
  /** Number of the snapshot that was there before; 0: none. Not told. */
  readonly base: number;
  readonly source: ImportFormat;
  readonly commit?: string;
  readonly files: number;
  readonly bytes: number;
  readonly written: number;
  readonly removed: number;
  readonly left_out: readonly LeftOut[];
  readonly left_out_count: number;
}

export function toResult({ base, ...report }: Report, snapshot: number): ToolResult {
  const data = { ...report, snapshot } as unknown as JsonObject;
  return structured(data, describe(report, snapshot, snapshot === base));
}

function describe(report: Omit<Report, "base">, snapshot: number, isSame: boolean): string {
  const { project, source, commit, files, bytes, written, removed } = report;
  const from = commit === undefined ? source : `${source}, commit ${commit}`;
  const made = isSame
    ? `${project} has them already, in snapshot ${snapshot}.`
    : `Snapshot ${snapshot} of ${project} has them: ${written} written, ${removed} removed.`;
  const left = report.left_out.map(
    ({ path, why }) => `  ! ${JSON.stringify(path)} stays out: ${why}`,
  );
  const more = report.left_out_count - report.left_out.length;
  if (more > 0) left.push(`  … ${more} more stay out`);
  return [`${files} files of ${bytes} bytes (${from}). ${made}`, ...left].join("\n");
}
