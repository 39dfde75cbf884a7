import type { OutputOf } from "@zenode/core";
import * as z from "zod";
import { globArgument, pathArgument, projectArgument } from "../project/arguments.ts";

export const input = z.object({
  project: projectArgument,
  path: pathArgument.optional().describe("Directory to look in; left out: everything."),
  glob: globArgument,
  kind: z
    .enum(["file", "link", "directory"])
    .optional()
    .describe("Only these; left out: files and links."),
  max_results: z.int().min(1).max(2_000).default(200),
  after: pathArgument
    .optional()
    .describe("Go on behind this path: what an earlier answer gave as `next`."),
});

export type FindFilesInput = OutputOf<typeof input>;
