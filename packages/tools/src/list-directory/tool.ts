import { defineTool, SECOND } from "@zenode/core";
import * as z from "zod";
import { READ_ONLY } from "../project/arguments.ts";
import { input } from "./input.ts";

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
