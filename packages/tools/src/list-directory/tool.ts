import { defineTool, type OutputOf, SECOND } from "@zenode/core";
import * as z from "zod";
import { pathArgument, projectArgument, READ_ONLY } from "../project/arguments.ts";

const input = z.object({
  project: projectArgument,
  path: pathArgument.optional().describe("Directory to list; left out: the project's root."),
  depth: z
    .int()
    .min(1)
    .max(20)
    .default(1)
    .describe("How many levels to show: 1 is the direct children."),
});

export type ListDirectoryInput = OutputOf<typeof input>;

export const listDirectory = defineTool({
  name: "list_directory",
  title: "List directory",
  description:
    "Lists files and directories of a project, sorted by name, with sizes in bytes. Directories end in a slash, symbolic links show their target and are not followed. Shows at most 2,000 entries; list a subdirectory to see more.",
  input,
  output: z.object({
    project: z.string(),
    snapshot: z.int(),
    entries: z.array(
      z.object({
        path: z.string(),
        kind: z.enum(["file", "link", "directory"]),
        bytes: z.int().optional(),
        executable: z.boolean().optional(),
        target: z.string().optional(),
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
