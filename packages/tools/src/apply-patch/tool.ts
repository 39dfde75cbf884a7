import { defineTool, MIB, SECOND } from "@zenode/core";
import * as z from "zod";
import { CHANGED, CHANGES } from "../project/arguments.ts";
import { input } from "./input.ts";

export const applyPatch = defineTool({
  name: "apply_patch",
  title: "Apply patch",
  description:
    "Applies a unified diff to a project: all of it or nothing. Files may be changed, made, deleted, renamed, copied and made executable. Old lines must be in the file exactly, at the stated line or at one other place. Binary patches are refused.",
  input,
  output: z.object({
    ...CHANGED,
    files: z.array(
      z.object({
        path: z.string(),
        change: z.enum(["modified", "created", "deleted", "renamed", "copied"]),
        from: z.string().optional(),
        added: z.int(),
        removed: z.int(),
        moved: z
          .array(z.object({ hunk: z.int(), line: z.int(), offset: z.int() }))
          .describe("Hunks that stood elsewhere than the patch says."),
      }),
    ),
    dry_run: z.boolean(),
  }),
  annotations: CHANGES,
  scope: "write",
  placement: { kind: "lambda" },
  limits: { timeoutMs: 20 * SECOND, inputBytes: 3 * MIB },
  load: async () => (await import("./run.ts")).run,
});
