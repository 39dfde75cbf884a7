import { readdir } from "node:fs/promises";
import {
  type AnyTool,
  defineTool,
  MINUTE,
  type OutputOf,
  structured,
  type ToolContext,
  type ToolResult,
} from "@zenode/core";
import { catalogue } from "@zenode/tools";
import * as z from "zod";

/** `search_files` that never goes to a worker. */
export const searchHere: AnyTool = {
  ...findTool("search_files"),
  name: "bench_search_here",
  placement: { kind: "lambda" },
};

const input = z.object({
  project: z.string(),
  nonce: z.string().describe("Makes a call differ from the ones before, so that it is a new job."),
});

/** Brings a project to a worker's disk and tells how long that took, by the worker's own clock. */
export const checkout = defineTool({
  name: "bench_checkout",
  title: "Checkout",
  description: "Brings a project to a worker's disk.",
  input,
  output: z.object({ ms: z.number(), files: z.int() }),
  annotations: { readOnlyHint: true },
  scope: "read",
  placement: { kind: "fargate" },
  limits: { timeoutMs: 10 * MINUTE },
  load: async () => run,
});

async function run(
  { project }: OutputOf<typeof input>,
  { computer }: ToolContext,
): Promise<ToolResult> {
  if (!computer) throw new Error("A checkout needs a worker.");
  const started = performance.now();
  const { folder } = await computer.checkout(project);
  const ms = performance.now() - started;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).length;
  return structured({ ms, files }, `${files} files in ${ms} ms`);
}

function findTool(wanted: string): AnyTool {
  const tool = catalogue.find(({ name }) => name === wanted);
  if (!tool) throw new Error(`There is no tool ${wanted}.`);
  return tool;
}
