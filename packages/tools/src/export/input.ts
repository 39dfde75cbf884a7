import type { OutputOf } from "@zenode/core";
import * as z from "zod";
import { projectArgument } from "../project/arguments.ts";

export const input = z.object({
  project: projectArgument,
  snapshot: z
    .int()
    .min(1)
    .optional()
    .describe("Number of an older snapshot; the newest if left out."),
  format: z.enum(["tar.gz", "zip"]).default("tar.gz"),
});

export type ExportInput = OutputOf<typeof input>;
