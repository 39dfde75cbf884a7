import { defineTool, SECOND } from "@zenode/core";
import * as z from "zod";
import { CHANGES } from "../project/arguments.ts";
import { input } from "./input.ts";

export const projects = defineTool({
  name: "projects",
  title: "Projects",
  description:
    "Lists the projects of this workspace, with their number of files, size, and newest snapshot, and what may be stored: call it first to learn which names the other tools take as `project`. Also creates a project without files, deletes one (a snapshot brings it back with restore), and chooses the one that calls mean when they name none.",
  input,
  output: z.object({
    projects: z
      .array(
        z.object({
          name: z.string(),
          snapshot: z.int(),
          files: z.int(),
          bytes: z.int(),
          updated_at: z.string().describe("ISO 8601"),
          stored_bytes: z.int().optional().describe("Old snapshots included."),
          snapshots: z.int().optional().describe("How many are kept."),
        }),
      )
      .optional(),
    limits: z
      .record(z.string(), z.object({ used: z.int(), most: z.int() }))
      .optional()
      .describe("Of all projects together; where it says per_project, of the one that has most."),
    chosen: z.string().optional().describe("The project that calls without a name mean."),
    project: z.string().optional().describe("The one created, deleted or chosen."),
    snapshot: z.int().optional(),
  }),
  annotations: CHANGES,
  scope: "read",
  placement: { kind: "lambda" },
  limits: { timeoutMs: 20 * SECOND },
  load: async () => (await import("./run.ts")).run,
});
