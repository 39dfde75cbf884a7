import * as z from "zod";

/** Arguments that several tools share. */
export const projectArgument = z
  .string()
  .optional()
  .describe("Name of the project. May be left out when there is only one, or one was chosen.");

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

/** What differs between two snapshots, path by path. */
export const PATH_CHANGES = {
  files: z
    .array(
      z.object({
        path: z.string(),
        change: z
          .enum(["added", "deleted", "modified", "mode", "kind", "renamed"])
          .describe(
            "mode: only whether it can be run. kind: a file became a link, or the reverse.",
          ),
        from_path: z.string().optional(),
        added: z.int().optional().describe("Lines. Absent: not compared."),
        removed: z.int().optional(),
        binary: z.boolean().optional(),
      }),
    )
    .describe("The first 500."),
  files_changed: z.int(),
};
