import { defineTool, SECOND } from "@zenode/core";
import * as z from "zod";
import { READ_ONLY } from "../project/arguments.ts";
import { input } from "./input.ts";

export const tree = defineTool({
  name: "tree",
  title: "Tree",
  description:
    "Shows directories and files as an indented tree, upper levels first. A directory's numbers are of what lies directly in it. Of what is not shown it says how much.",
  input,
  output: z.object({
    project: z.string(),
    snapshot: z.int(),
    path: z.string(),
    entries: z.array(
      z.object({
        path: z.string(),
        kind: z.enum(["file", "link", "directory"]),
        bytes: z.int().optional(),
        target: z.string().optional(),
        files: z.int().optional(),
        links: z.int().optional(),
        directories: z.int().optional(),
        hidden: z.int().optional().describe("Entries directly in it that are not shown."),
      }),
    ),
    truncated: z.boolean(),
  }),
  annotations: READ_ONLY,
  scope: "read",
  placement: { kind: "lambda" },
  limits: { timeoutMs: 20 * SECOND },
  load: async () => (await import("./run.ts")).run,
});
