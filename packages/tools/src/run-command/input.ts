import { MINUTE, type OutputOf, SECOND } from "@zenode/core";
import * as z from "zod";
import { projectArgument } from "../project/arguments.ts";

/** Of a command; the call has some minutes more, to bring the project and to commit. */
export const MOST_SECONDS = (50 * MINUTE) / SECOND;

export const input = z.object({
  project: projectArgument,
  command: z
    .string()
    .min(1)
    .max(32_768)
    .describe("A line for sh; with args: the program, which is then run without a shell."),
  args: z.array(z.string().max(32_768)).max(256).optional(),
  folder: z
    .string()
    .max(4096)
    .optional()
    .describe("Directory of the project to run in; left out: its root."),
  env: z.record(z.string(), z.string().max(32_768)).optional().describe("Environment variables."),
  timeout_seconds: z.int().min(1).max(MOST_SECONDS).default(600),
  commit: z
    .enum(["discard", "commit"])
    .default("discard")
    .describe("commit: files it changed become a new snapshot. discard: they are only named."),
  max_output_kb: z
    .int()
    .min(1)
    .max(56)
    .default(16)
    .describe("Of output to return; of more, its beginning and end."),
});

export type RunCommandInput = OutputOf<typeof input>;
