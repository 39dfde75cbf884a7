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

/** The parts of the benchmark, in the order they run. */
export const PARTS = {
  cold: (built) => measureCold(built, 15),
  warm: (built) => measureWarm(built, 12),
  handoff: () => measureHandoff({ calls: 12, talkative: 3 }),
  burst: () => measureBurst({ jobs: 100, followed: 10, kills: 8, appends: 300 }),
  operations: (built) => measureOperations(built),
  streams: () => measureHeldStreams(),
  fairness: () => measureFairness(),
} as const satisfies Record<string, (built: BuiltSubjects) => Promise<Section>>;

export type Part = keyof typeof PARTS;

/** Runs parts one after the other, so that none is measured beside another. */
export async function* runParts(parts: readonly Part[]): AsyncGenerator<Section> {
  const built = await buildSubjects();
  try {
    for (const part of parts) yield await PARTS[part](built);
  } finally {
    await rm(built.bundles, { recursive: true, force: true });
  }
}
