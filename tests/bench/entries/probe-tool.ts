import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  defineTool,
  MINUTE,
  type OutputOf,
  type ToolContext,
  type ToolResult,
  text,
} from "@zenode/core";
import * as z from "zod";

/** What the probe writes into each progress message, as JSON. Times are milliseconds since the epoch. */
export interface ProbeEvent {
  /** The worker's process id. */
  readonly pid: number;
  /** When the worker's process began. */
  readonly processAt: number;
  /** When the tool began. */
  readonly toolAt: number;
  /** When this event was reported. */
  readonly sentAt: number;
  /** What the worker's process holds of memory. */
  readonly heapBytes: number;
  readonly residentBytes: number;
}

const input = z.object({
  nonce: z.string().describe("Makes a call differ from the ones before, so that it is a new job."),
  events: z.int().min(1).max(1000),
  collect: z.boolean().default(false).describe("Whether garbage is collected before it begins."),
  gap_ms: z.int().min(0).max(60_000).describe("Mean time between two events."),
});

/** Runs on a worker and reports progress that says when it was said. */
export const probe = defineTool({
  name: "bench_probe",
  title: "Probe",
  description: "Reports progress at irregular intervals.",
  input,
  annotations: { readOnlyHint: true },
  scope: "read",
  placement: { kind: "fargate" },
  limits: { timeoutMs: 5 * MINUTE },
  load: async () => run,
});

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
}

async function run(
  { events, gap_ms, collect }: OutputOf<typeof input>,
  { clock, progress, signal }: ToolContext,
): Promise<ToolResult> {
  if (collect) collectGarbage();
  const { heapUsed, rss } = process.memoryUsage();
  const memory = { heapBytes: heapUsed, residentBytes: rss };
  const times = { pid: process.pid, processAt: performance.timeOrigin, toolAt: Date.now() };
  for (let count = 1; count <= events; count += 1) {
    const event: ProbeEvent = { ...times, ...memory, sentAt: Date.now() };
    progress(count, events, JSON.stringify(event));
    // Irregular, so that events never keep step with their reader.
    await clock.sleep(gap_ms * (0.5 + Math.random()), signal);
  }
  return text("done");
}
