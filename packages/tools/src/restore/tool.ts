import { defineTool, SECOND } from "@zenode/core";
import * as z from "zod";
import { CHANGED, CHANGES, PATH_CHANGES } from "../project/arguments.ts";
import { input } from "./input.ts";

export const restore = defineTool({
  name: "restore",
  title: "Restore",
  description:
    "Brings a project, or one path of it, back to what it was in an earlier snapshot, as a new snapshot: what was written since goes from the files, but stays in the history. Also brings back a deleted project.",
  input,
  output: z.object({ ...CHANGED, ...PATH_CHANGES, restored: z.int(), dry_run: z.boolean() }),
  annotations: { ...CHANGES, idempotentHint: true },
  scope: "write",
  placement: { kind: "lambda" },
  limits: { timeoutMs: 25 * SECOND },
  load: async () => (await import("./run.ts")).run,
});
