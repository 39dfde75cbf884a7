import type { OutputOf } from "@zenode/core";
import * as z from "zod";
import { globArgument, pathArgument, projectArgument } from "../project/arguments.ts";

export const input = z.object({
  project: projectArgument,
  pattern: z
    .string()
    .min(1)
    .max(1_000)
    .describe(
      "Regular expression in RE2 syntax (no look-around, no back-references), matched line by line. Escape . ( [ { * + ? | ^ $ \\ to search for them.",
    ),
  path: pathArgument.optional().describe("File or directory to search in; left out: everything."),
  glob: globArgument,
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
