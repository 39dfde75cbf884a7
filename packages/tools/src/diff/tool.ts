import { defineTool, SECOND } from "@zenode/core";
import * as z from "zod";
import { PATH_CHANGES, READ_ONLY } from "../project/arguments.ts";
import { input } from "./input.ts";

export const diff = defineTool({
  name: "diff",
  title: "Diff",
  description:
    "Shows what changed in a project from one snapshot to another, as git diff does: a unified diff that git apply accepts, and the paths with numbers of lines. Without numbers, what the newest snapshot changed. Says what is left out.",
  input,
  output: z.object({
    project: z.string(),
    from: z.int().describe("0: nothing."),
    to: z.int(),
    ...PATH_CHANGES,
    added: z.int().describe("Lines, in the files that were compared."),
    removed: z.int(),
    complete: z.boolean().describe("The text has every change."),
  }),
  annotations: READ_ONLY,
  scope: "read",
  placement: { kind: "lambda" },
  limits: { timeoutMs: 25 * SECOND },
  load: async () => (await import("./run.ts")).run,
});
