import type { OutputOf } from "@zenode/core";
import * as z from "zod";
import { pathArgument, projectArgument } from "../project/arguments.ts";

export const input = z.object({
  project: projectArgument,
  path: pathArgument.optional().describe("Directory at the top; left out: the project's root."),
  depth: z.int().min(1).max(20).default(3).describe("How many levels to show."),
  files: z.boolean().default(true).describe("False: directories only."),
  max_lines: z.int().min(10).max(1_000).default(300),
});

export type TreeInput = OutputOf<typeof input>;
