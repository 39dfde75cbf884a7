import { defineTool, MIB, MINUTE, RefusedError } from "@zenode/core";
import * as z from "zod";
import { READ_ONLY } from "../project/arguments.ts";
import { chooseProject } from "../project/choose-project.ts";
import { projectBasis } from "../project/project-basis.ts";
import { input } from "./input.ts";

/** Projects up to this size are searched in the process that was asked; larger ones on a worker. */
const SMALL_FILES = 2_000;
const SMALL_BYTES = 16 * MIB;

export const searchFiles = defineTool({
  name: "search_files",
  title: "Search files",
  description:
    "Searches the text of a project's files for a regular expression, like grep -rn: answers path:line:text, sorted by path. Skips binary files. Narrow it with path and glob; says when there are more matches than shown.",
  input,
  output: z.object({
    project: z.string(),
    snapshot: z.int(),
    matches: z.array(z.object({ path: z.string(), line: z.int(), text: z.string() })),
    truncated: z.boolean(),
  }),
  annotations: READ_ONLY,
  scope: "read",
  placement: {
    kind: "auto",
    weigh: async ({ project }, context) => {
      try {
        const { files, bytes } = await chooseProject(context, project);
        return files <= SMALL_FILES && bytes <= SMALL_BYTES ? "lambda" : "fargate";
      } catch (error) {
        // A project that can't be opened is told where it costs least.
        if (error instanceof RefusedError) return "lambda";
        throw error;
      }
    },
  },
  limits: { timeoutMs: 10 * MINUTE },
  basis: projectBasis,
  load: async () => (await import("./run.ts")).run,
});
