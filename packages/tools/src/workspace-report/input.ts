import type { OutputOf } from "@zenode/core";
import * as z from "zod";
import { projectArgument } from "../project/arguments.ts";

export const input = z.object({
  project: projectArgument,
  top: z
    .int()
    .min(1)
    .max(100)
    .default(10)
    .describe("How many of the largest files and of the duplicates to name."),
});

export type WorkspaceReportInput = OutputOf<typeof input>;
