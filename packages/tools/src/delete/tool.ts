import { defineTool, SECOND } from "@zenode/core";
import * as z from "zod";
import { CHANGED, CHANGES } from "../project/arguments.ts";
import { input } from "./input.ts";

export const deletePath = defineTool({
  name: "delete",
  title: "Delete",
  description:
    "Deletes a file, a link or, with recursive, a directory with everything in it. What is deleted stays in the project's earlier snapshots.",
  input,
  output: z.object({ ...CHANGED, path: z.string(), files: z.int() }),
  annotations: CHANGES,
  scope: "write",
  placement: { kind: "lambda" },
  limits: { timeoutMs: 20 * SECOND },
  load: async () => (await import("./run.ts")).run,
});
