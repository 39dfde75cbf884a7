import { defineTool, text } from "@zenode/core";
import { GATED, heightOf, passGate } from "./gate.ts";

/** A tool that goes as far as its test lets it, tells of each step twice, and ends when the gate is open. */
export const stairsTool = defineTool({
  ...GATED,
  name: "stairs",
  title: "Stairs",
  description: "Goes up step by step.",
  load: () =>
    Promise.resolve(async ({ folder, label }, context) => {
      let step = 0;
      await passGate(folder, context, () => {
        while (step < heightOf(folder)) {
          step += 1;
          context.progress(step);
          context.log("info", `step ${step}`);
        }
      });
      return text(`${label} at ${step}`);
    }),
});
