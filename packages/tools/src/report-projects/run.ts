import {
  type ChildEnd,
  comparePaths,
  RefusedError,
  structured,
  type ToolContext,
} from "@zenode/core";
import { refusalToFailure } from "../project/refusal-to-failure.ts";
import type { ReportProjectsInput } from "./input.ts";

/** What of a workspace_report counts here. */
interface ProjectReport {
  readonly project: string;
  readonly snapshot: number;
  readonly totals: Totals;
  readonly languages: readonly (Counts & { readonly language: string })[];
}

interface Counts {
  readonly files: number;
  readonly bytes: number;
  readonly lines: number;
}

interface Totals extends Counts {
  readonly links: number;
  readonly binary_files: number;
}

const NOTHING: Totals = { files: 0, bytes: 0, lines: 0, links: 0, binary_files: 0 };

export const run = refusalToFailure<ReportProjectsInput>(async ({ projects }, context) => {
  const names = await chooseNames(context, projects);
  const reports: ProjectReport[] = [];
  const failed: { project: string; reason: string }[] = [];
  let index = 0;
  for await (const end of reportEach(context, names)) {
    const project = names[index] ?? "";
    const reason = reasonOf(end);
    if (reason === undefined) reports.push(toReport(end));
    else failed.push({ project, reason });
    index += 1;
  }
  const answer = {
    totals: {
      projects: reports.length,
      ...reports.map(({ totals }) => totals).reduce(add, NOTHING),
    },
    languages: sumLanguages(reports),
    projects: reports.map(({ project, snapshot, totals }) => ({ project, snapshot, ...totals })),
    failed,
  };
  return { ...structured(answer, describe(answer)), isError: reports.length === 0 };
});

/** @throws RefusedError `not_found`; the text names the choices. */
async function chooseNames(
  { projects }: ToolContext,
  named: readonly string[] | undefined,
): Promise<readonly string[]> {
  const all = await projects.names();
  if (all.length === 0) {
    throw new RefusedError("not_found", "There is no project yet. Push one with `zenode push`.");
  }
  const unknown = named?.find((name) => !all.includes(name));
  if (unknown !== undefined) {
    throw new RefusedError(
      "not_found",
      `There is no project ${unknown}. There are: ${all.join(", ")}.`,
    );
  }
  return [...new Set(named ?? all)].sort(comparePaths);
}

function reportEach({ children, progress }: ToolContext, names: readonly string[]) {
  if (!children) throw new Error("report_projects runs on a worker.");
  let done = 0;
  return children.map(names, {
    tool: "workspace_report",
    input: (project) => ({ project, top: 1 }),
    onResult: (_, index) => {
      done += 1;
      progress(done, names.length, `${names[index]}: ${done} of ${names.length} projects done`);
    },
  });
}

/** Why there is no report; undefined: there is one. */
function reasonOf(end: ChildEnd): string | undefined {
  if (end.kind === "error") return end.message;
  const { content, isError, structured: report } = end.result;
  if (report && !isError) return undefined;
  return content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
}

/** Of our own tool, whose output is checked against its schema. */
function toReport(end: ChildEnd): ProjectReport {
  if (end.kind === "error" || !end.result.structured) throw new Error("There is no report.");
  return end.result.structured as unknown as ProjectReport;
}

function add(a: Totals, b: Totals): Totals {
  return {
    ...addCounts(a, b),
    links: a.links + b.links,
    binary_files: a.binary_files + b.binary_files,
  };
}

function addCounts(a: Counts, b: Counts): Counts {
  return { files: a.files + b.files, bytes: a.bytes + b.bytes, lines: a.lines + b.lines };
}

function sumLanguages(reports: readonly ProjectReport[]) {
  const sums = new Map<string, Counts>();
  for (const { language, ...counts } of reports.flatMap(({ languages }) => languages)) {
    sums.set(language, addCounts(sums.get(language) ?? NOTHING, counts));
  }
  return [...sums]
    .map(([language, counts]) => ({ language, ...counts }))
    .sort((a, b) => b.bytes - a.bytes || comparePaths(a.language, b.language));
}

interface Answer {
  readonly totals: Totals & { readonly projects: number };
  readonly languages: ReturnType<typeof sumLanguages>;
  readonly projects: readonly (Totals & { readonly project: string; readonly snapshot: number })[];
  readonly failed: readonly { readonly project: string; readonly reason: string }[];
}

function describe({ totals, languages, projects, failed }: Answer): string {
  return [
    `${totals.projects} projects: ${totals.files} files, ${totals.bytes} bytes, ${totals.lines} lines, ${totals.links} links, ${totals.binary_files} binary files.`,
    "",
    "Projects (files, lines, bytes):",
    ...projects.map((one) => `  ${one.project}: ${one.files}, ${one.lines}, ${one.bytes}`),
    "",
    "Languages (files, lines, bytes):",
    ...languages.map((one) => `  ${one.language}: ${one.files}, ${one.lines}, ${one.bytes}`),
    ...(failed.length === 0 ? [] : ["", "Without a report:"]),
    ...failed.map((one) => `  ${one.project}: ${one.reason}`),
  ].join("\n");
}
