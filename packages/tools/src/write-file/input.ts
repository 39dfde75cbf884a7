import type { OutputOf } from "@zenode/core";
import * as z from "zod";
import { pathArgument, projectArgument } from "../project/arguments.ts";

export const input = z.object({
  project: projectArgument,
  path: pathArgument,
  content: z.string().describe("The whole content of the file, as UTF-8."),
  executable: z
    .boolean()
    .optional()
    .describe("Whether it can be run; left out: as it was, a new file can't."),
});

export type WriteFileInput = OutputOf<typeof input>;
