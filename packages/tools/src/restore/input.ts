import type { OutputOf } from "@zenode/core";
import * as z from "zod";
import { pathArgument, projectArgument } from "../project/arguments.ts";

export const input = z.object({
  project: projectArgument,
  snapshot: z.int().min(1).describe("Number of the snapshot to go back to; see history."),
  path: pathArgument
    .optional()
    .describe("File, link or directory to bring back; left out: the whole project."),
  dry_run: z.boolean().default(false).describe("Only tell what would be changed."),
});

export type RestoreInput = OutputOf<typeof input>;
