import type { OutputOf } from "@zenode/core";
import * as z from "zod";
import { pathArgument, projectArgument } from "../project/arguments.ts";

export const input = z.object({
  project: projectArgument,
  path: pathArgument,
  recursive: z
    .boolean()
    .default(false)
    .describe("Needed to delete a directory: everything in it goes, too."),
});

export type DeleteInput = OutputOf<typeof input>;
