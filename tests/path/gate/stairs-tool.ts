import { defineTool, MINUTE, text } from "@zenode/core";
import * as z from "zod";
import { heightOf, isOpen } from "./gate.ts";

const POLL_MS = 20;

/** A tool that goes as far as its test lets it, tells of each step twice, and ends when the gate is open. */
export const stairsTool = defineTool({
  name: "stairs",
  title: "Stairs",
  description: "Goes up step by step.",
  input: z.object({ folder: z.string(), label: z.string() }),
  annotations: { readOnlyHint: true },
  scope: "read",
  placement: { kind: "fargate" },
  limits: { timeoutMs: 5 * MINUTE },
  load: () =>
    Promise.resolve(async ({ folder, label }, { clock, signal, progress, log }) => {
      let step = 0;
      while (!isOpen(folder)) {
        signal.throwIfAborted();
        while (step < heightOf(folder)) {
          step += 1;
          progress(step);
          log("info", `step ${step}`);
        }
        await clock.sleep(POLL_MS, signal);
      }
      return text(`${label} at ${step}`);
    }),
});
