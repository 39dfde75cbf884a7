import { defineTool, SECOND } from "@zenode/core";
import * as z from "zod";
import { CHANGED, CHANGES } from "../project/arguments.ts";
import { input } from "./input.ts";

export const move = defineTool({
  name: "move",
  title: "Move or rename",
  description:
    "Moves or renames a file, a link or a directory with everything in it. Fails when something lies at the destination.",
  input,
  output: z.object({ ...CHANGED, source: z.string(), destination: z.string() }),
  annotations: CHANGES,
  scope: "write",
  placement: { kind: "lambda" },
  limits: { timeoutMs: 20 * SECOND },
  load: async () => (await import("./run.ts")).run,
});
