import * as z from "zod";

/** Arguments that several tools share. */
export const projectArgument = z
  .string()
  .optional()
  .describe("Name of the project. May be left out when there is only one.");

export const pathArgument = z
  .string()
  .max(4096)
  .describe("Path inside the project, relative to its root, with forward slashes.");

export const globArgument = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .describe(
    "Only files like this: *.ts (at any depth), src/**/*.test.ts, *.{js,ts}. Relative to path.",
  );

export const READ_ONLY = {
  readOnlyHint: true,
  idempotentHint: true,
  openWorldHint: false,
} as const;

/** Of tools that change files: a second same call finds what the first one left. */
export const CHANGES = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: false,
  openWorldHint: false,
} as const;

/** What every tool answers that changed a project. */
export const CHANGED = {
  project: z.string(),
  snapshot: z.int().describe("Number of the snapshot that has the change."),
};
