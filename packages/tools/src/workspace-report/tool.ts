import { defineTool, MINUTE } from "@zenode/core";
import * as z from "zod";
import { READ_ONLY } from "../project/arguments.ts";
import { projectBasis } from "../project/project-basis.ts";
import { input } from "./input.ts";

const totals = { files: z.int(), bytes: z.int(), lines: z.int() };

export const workspaceReport = defineTool({
  name: "workspace_report",
  title: "Workspace report",
  description:
    "Reads every file of a project and reports languages (files, lines, bytes), totals, the largest files, and files of equal content. Lines are newline characters, as `wc -l` counts them; binary files count no lines. Takes from seconds to minutes and reports progress.",
  input,
  output: z.object({
    project: z.string(),
    snapshot: z.int(),
    totals: z.object({ ...totals, links: z.int(), binary_files: z.int() }),
    languages: z.array(z.object({ language: z.string(), ...totals })),
    largest: z.array(z.object({ path: z.string(), bytes: z.int() })),
    duplicates: z.array(
      z.object({
        bytes: z.int(),
        copies: z.int(),
        wasted_bytes: z.int(),
        paths: z.array(z.string()),
      }),
    ),
  }),
  annotations: READ_ONLY,
  scope: "read",
  placement: { kind: "fargate" },
  limits: { timeoutMs: 30 * MINUTE },
  basis: projectBasis,
  load: async () => (await import("./run.ts")).run,
});
