import { appendFile } from "node:fs/promises";
import path from "node:path";
import { defineTool, text } from "@zenode/core";
import { GATED, passGate, RUNS } from "./gate.ts";

/** A tool that waits on a worker until its test opens the gate, and leaves a line for each time it ran. */
export const gateTool = defineTool({
  ...GATED,
  name: "gate",
  title: "Gate",
  description: "Waits for its gate to be opened.",
  load: () =>
    Promise.resolve(async ({ folder, label }, context) => {
      await appendFile(path.join(folder, RUNS), `${process.pid}\n`);
      context.progress(1, 2, "waiting");
      await passGate(folder, context);
      context.progress(2, 2, "passed");
      return text(`passed ${label}`);
    }),
});
