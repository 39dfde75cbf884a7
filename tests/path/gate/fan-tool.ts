import { appendFile } from "node:fs/promises";
import path from "node:path";
import { defineTool, MINUTE, text } from "@zenode/core";
import * as z from "zod";
import { RUNS } from "./gate.ts";

/** Spreads the tool `gate` over workers, a gate for each folder; leaves a line for each time it ran itself. */
export const fanTool = defineTool({
  name: "fan",
  title: "Fan",
  description: "Waits at several gates, each on a worker of its own.",
  input: z.object({ folder: z.string(), gates: z.array(z.string()), parallel: z.int() }),
  annotations: { readOnlyHint: true },
  scope: "read",
  placement: { kind: "fargate" },
  limits: { timeoutMs: 5 * MINUTE },
  load: () =>
    Promise.resolve(async ({ folder, gates, parallel }, { children, progress }) => {
      await appendFile(path.join(folder, RUNS), `${process.pid}\n`);
      let done = 0;
      const onResult = () => {
        done += 1;
        progress(done, gates.length, `${done} of ${gates.length} done`);
      };
      const input = (gate: string, index: number) => ({ folder: gate, label: `${index}` });
      const ends = children?.map(gates, { tool: "gate", input, parallel, onResult }) ?? [];
      const said: string[] = [];
      for await (const end of ends) {
        const [first] = end.kind === "result" ? end.result.content : [];
        said.push(first?.type === "text" ? first.text : "no result");
      }
      return text(said.join(", "));
    }),
});
