import type { OutputOf } from "@zenode/core";
import * as z from "zod";
import { pathArgument, projectArgument } from "../project/arguments.ts";

export const input = z.object({
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
