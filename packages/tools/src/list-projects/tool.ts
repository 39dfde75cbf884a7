import { defineTool, SECOND } from "@zenode/core";
import * as z from "zod";
import { READ_ONLY } from "../project/arguments.ts";

export const listProjects = defineTool({
  name: "list_projects",
  title: "List projects",
  description:
    "Lists the projects that were pushed to this workspace, with their number of files, size, and newest snapshot. Call it first to learn which names the other tools take as `project`.",
  input: z.object({}),
  output: z.object({
    projects: z.array(
      z.object({
        name: z.string(),
        snapshot: z.int(),
        files: z.int(),
        bytes: z.int(),
        updated_at: z.string().describe("ISO 8601"),
      }),
    ),
  }),
  annotations: READ_ONLY,
  scope: "read",
  placement: { kind: "lambda" },
  limits: { timeoutMs: 10 * SECOND },
  load: async () => (await import("./run.ts")).run,
});
