import { defineTool, MIB, MINUTE, type OutputOf, RefusedError } from "@zenode/core";
import * as z from "zod";
import { pathArgument, projectArgument, READ_ONLY } from "../project/arguments.ts";
import { chooseProject } from "../project/choose-project.ts";

/** Projects up to this size are searched in the process that was asked; larger ones on a worker. */
const SMALL_FILES = 2_000;
const SMALL_BYTES = 16 * MIB;

const input = z.object({
  project: projectArgument,
  pattern: z
    .string()
    .min(1)
    .max(1_000)
    .describe(
      "Regular expression in RE2 syntax (no look-around, no back-references), matched line by line. Escape . ( [ { * + ? | ^ $ \\ to search for them.",
    ),
  path: pathArgument.optional().describe("File or directory to search in; left out: everything."),
  glob: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe(
      "Only files like this: *.ts (at any depth), src/**/*.test.ts, *.{js,ts}. Relative to path.",
    ),
  ignore_case: z.boolean().default(false),
  context: z.int().min(0).max(10).default(0).describe("Lines to show before and after each match."),
  max_results: z
    .int()
    .min(1)
    .max(1_000)
    .default(100)
    .describe("Stop after this many matching lines."),
});

export type SearchFilesInput = OutputOf<typeof input>;

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
  load: async () => (await import("./run.ts")).run,
});
