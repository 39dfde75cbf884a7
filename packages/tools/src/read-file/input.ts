import type { OutputOf } from "@zenode/core";
import * as z from "zod";
import { pathArgument, projectArgument } from "../project/arguments.ts";

export const input = z.object({
  project: projectArgument,
  path: pathArgument,
  start_line: z
    .int()
    .optional()
    .describe("First line to give, counted from 1; -20: the last 20 lines."),
  end_line: z.int().min(1).optional().describe("Last line to give, this one included."),
});

export type ReadFileInput = OutputOf<typeof input>;
