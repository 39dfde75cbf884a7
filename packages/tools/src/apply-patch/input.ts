import type { OutputOf } from "@zenode/core";
import * as z from "zod";
import { projectArgument } from "../project/arguments.ts";

export const input = z.object({
  project: projectArgument,
  patch: z
    .string()
    .min(1)
    .describe(
      "A unified diff as git writes it, with a/ and b/ before the paths (/dev/null for a file that is made or goes) and lines of context.",
    ),
  dry_run: z.boolean().default(false).describe("Only tell what would be changed."),
});

export type ApplyPatchInput = OutputOf<typeof input>;
