import { defineTool, MIB, SECOND } from "@zenode/core";
import * as z from "zod";
import { CHANGED, CHANGES } from "../project/arguments.ts";
import { input } from "./input.ts";

export const writeFile = defineTool({
  name: "write_file",
  title: "Write file",
  description:
    "Creates a file, or replaces all of its content; directories come with it. To change a part of a file use edit_file. Earlier content stays in the project's earlier snapshots.",
  input,
  output: z.object({
    ...CHANGED,
    path: z.string(),
    bytes: z.int(),
    created: z.boolean(),
  }),
  annotations: { ...CHANGES, idempotentHint: true },
  scope: "write",
  placement: { kind: "lambda" },
  limits: { timeoutMs: 20 * SECOND, inputBytes: 3 * MIB },
  load: async () => (await import("./run.ts")).run,
});
