import { defineTool, HOUR } from "@zenode/core";
import * as z from "zod";
import { READ_ONLY } from "../project/arguments.ts";
import { input } from "./input.ts";

const counts = { files: z.int(), bytes: z.int(), lines: z.int() };
const totals = { ...counts, links: z.int(), binary_files: z.int() };

export const reportProjects = defineTool({
  name: "report_projects",
  title: "Report on projects",
  description:
    "Reads every file of all projects, or of those named, each project on a worker of its own, and reports totals and languages (files, lines, bytes) over all of them and totals for each. A project that can't be read is named with the reason; the others are reported all the same. For one project's largest and duplicate files use workspace_report. Takes from seconds to minutes and reports how many projects are done.",
  input,
  output: z.object({
    totals: z.object({ projects: z.int(), ...totals }),
    languages: z.array(z.object({ language: z.string(), ...counts })),
    projects: z.array(z.object({ project: z.string(), snapshot: z.int(), ...totals })),
    failed: z.array(z.object({ project: z.string(), reason: z.string() })),
  }),
  annotations: READ_ONLY,
  scope: "read",
  placement: { kind: "fargate" },
  limits: { timeoutMs: 2 * HOUR },
  load: async () => (await import("./run.ts")).run,
});
