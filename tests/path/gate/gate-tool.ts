import { appendFile } from "node:fs/promises";
import path from "node:path";
import { defineTool, MINUTE, text } from "@zenode/core";
import * as z from "zod";
import { isOpen, RUNS } from "./gate.ts";

const POLL_MS = 20;

/** A tool that waits on a worker until its test opens the gate, and leaves a line for each time it ran. */
export const gateTool = defineTool({
  name: "gate",
  title: "Gate",
  description: "Waits for its gate to be opened.",
  input: z.object({ folder: z.string(), label: z.string() }),
  annotations: { readOnlyHint: true },
  scope: "read",
  placement: { kind: "fargate" },
  limits: { timeoutMs: 5 * MINUTE },
  load: () =>
    Promise.resolve(async ({ folder, label }, { clock, signal, progress }) => {
      await appendFile(path.join(folder, RUNS), `${process.pid}\n`);
      progress(1, 2, "waiting");
      while (!isOpen(folder)) {
        signal.throwIfAborted();
        await clock.sleep(POLL_MS, signal);
      }
      progress(2, 2, "passed");
      return text(`passed ${label}`);
    }),
});
