import type { OutputOf } from "@zenode/core";
import * as z from "zod";
import { pathArgument, projectArgument } from "../project/arguments.ts";

export const input = z.object({
  project: projectArgument,
  path: pathArgument,
  edits: z
    .array(
      z.object({
        old_text: z
          .string()
          .min(1)
          .describe("The text to replace, exactly as it stands in the file, with its white space."),
        new_text: z.string().describe("What stands there then; empty: the text is removed."),
        replace_all: z
          .boolean()
          .default(false)
          .describe("Replace it wherever it stands. Otherwise it must stand there once."),
      }),
    )
    .min(1)
    .max(200)
    .describe(
      "Done one after the other, each on what the one before it left; all of them or none.",
    ),
  dry_run: z.boolean().default(false).describe("Only tell what would be changed."),
});

export type EditFileInput = OutputOf<typeof input>;
