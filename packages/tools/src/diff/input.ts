import type { OutputOf } from "@zenode/core";
import * as z from "zod";
import { pathArgument, projectArgument } from "../project/arguments.ts";

export const input = z.object({
  project: projectArgument,
  from: z
    .int()
    .min(0)
    .optional()
    .describe("Snapshot to compare from, 0: nothing. Left out: the one before `to`."),
  to: z.int().min(1).optional().describe("Snapshot to compare to. Left out: the newest."),
  path: pathArgument.optional().describe("Only this file or what is in this directory."),
  context: z.int().min(0).max(100).default(3).describe("Unchanged lines around each change."),
  stat_only: z.boolean().default(false).describe("Only paths and numbers of lines, no text."),
  max_lines: z.int().min(1).max(20_000).default(1_000).describe("Lines of text, at most."),
});

export type DiffInput = OutputOf<typeof input>;
