import { defineTool, MIB, SECOND } from "@zenode/core";
import * as z from "zod";
import { CHANGED, CHANGES } from "../project/arguments.ts";
import { input } from "./input.ts";

export const editFile = defineTool({
  name: "edit_file",
  title: "Edit file",
  description:
    "Replaces exact pieces of text in a file. Each old_text must be in the file once; give more of the text around it when it is there more often, or set replace_all. Read the file first. All edits are made or none, and none when somebody else changed the file meanwhile.",
  input,
  output: z.object({
    ...CHANGED,
    path: z.string(),
    bytes: z.int(),
    replaced: z.array(z.object({ edit: z.int(), line: z.int() })),
    dry_run: z.boolean(),
  }),
  annotations: CHANGES,
  scope: "write",
  placement: { kind: "lambda" },
  limits: { timeoutMs: 20 * SECOND, inputBytes: 3 * MIB },
  load: async () => (await import("./run.ts")).run,
});
