import { defineTool, SECOND } from "@zenode/core";
import * as z from "zod";
import { READ_ONLY } from "../project/arguments.ts";
import { input } from "./input.ts";

export const findFiles = defineTool({
  name: "find_files",
  title: "Find files",
  description:
    "Finds paths by a glob, like find: sorted, directories with a slash at their end. Looks at names only; search_files looks into files. Says when there are more, and how to go on.",
  input,
  output: z.object({
    project: z.string(),
    snapshot: z.int(),
    paths: z.array(z.string()),
    next: z.string().optional().describe("There are more: call again with it as `after`."),
  }),
  annotations: READ_ONLY,
  scope: "read",
  placement: { kind: "lambda" },
  limits: { timeoutMs: 20 * SECOND },
  load: async () => (await import("./run.ts")).run,
});
