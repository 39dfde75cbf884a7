import type { OutputOf } from "@zenode/core";
import * as z from "zod";
import { pathArgument, projectArgument } from "../project/arguments.ts";

export const input = z.object({
  project: projectArgument,
  path: pathArgument
    .optional()
    .describe("Only snapshots in which this file, link or directory changed."),
  before: z.int().min(1).optional().describe("Only snapshots of lower numbers."),
  limit: z.int().min(1).max(200).default(20),
});

export type HistoryInput = OutputOf<typeof input>;
