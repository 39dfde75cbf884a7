import { rm } from "node:fs/promises";
import { measureBurst } from "./burst.ts";
import { measureCold } from "./cold.ts";
import { measureFairness } from "./fairness.ts";
import { measureHandoff } from "./handoff.ts";
import { measureHeldStreams } from "./held-streams.ts";
import { measureOperations } from "./operations.ts";
import type { Section } from "./report.ts";
import { type BuiltSubjects, buildSubjects } from "./subjects.ts";
import { measureWarm } from "./warm.ts";
import { measureWorkspace } from "./workspace/workspace.ts";

export interface BenchOptions {
  /** Files of the trees of the part `workspace`. */
  readonly sizes: readonly number[];
}

type Measure = (
  built: BuiltSubjects,
  options: BenchOptions,
) => Promise<Section> | AsyncIterable<Section>;

/** The parts of the benchmark, in the order they run. */
export const PARTS = {
  cold: (built) => measureCold(built, 15),
  warm: (built) => measureWarm(built, 12),
  handoff: () => measureHandoff({ calls: 12, talkative: 3 }),
  burst: () => measureBurst({ jobs: 100, followed: 10, kills: 8, appends: 300 }),
  operations: (built) => measureOperations(built),
  streams: () => measureHeldStreams(),
  fairness: () => measureFairness(),
  workspace: (_, { sizes }) => measureWorkspace(sizes),
} as const satisfies Record<string, Measure>;

export type Part = keyof typeof PARTS;

/** Runs parts one after the other, so that none is measured beside another. */
export async function* runParts(
  parts: readonly Part[],
  options: BenchOptions,
): AsyncGenerator<Section> {
  const built = await buildSubjects();
  try {
    for (const part of parts) {
      const measured = PARTS[part](built, options);
      if (measured instanceof Promise) yield await measured;
      else yield* measured;
    }
  } finally {
    await rm(built.bundles, { recursive: true, force: true });
  }
}
