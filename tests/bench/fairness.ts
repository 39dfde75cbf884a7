import { newGate } from "../path/gate/gate.ts";
import { startGatedPath } from "../path/gate/gated-path.ts";
import { runScenario } from "../path/queue-scenario.ts";
import type { Section } from "./report.ts";

const [TENANTS, JOBS, WORKERS] = [20, 200, 8] as const;

/** Many jobs of many tenants with room for a few workers, over the whole local path. */
export async function measureFairness(): Promise<Section> {
  const [local, gate] = await Promise.all([
    startGatedPath({ template: { lingerMs: 0 } }),
    newGate(),
  ]);
  try {
    await gate.open();
    const found = await runScenario(local, {
      tenants: TENANTS,
      jobs: JOBS,
      workers: WORKERS,
      folder: gate.args.folder,
      patienceMs: 15 * 60_000,
    });
    const lost = JOBS - found.completed;
    return {
      title: `Fairness: ${JOBS} jobs of ${TENANTS} tenants, room for ${WORKERS} workers`,
      rows: [
        { name: "completed", value: found.completed },
        { name: "launches", value: found.launches },
        { name: "at once", value: found.atOnce },
        { name: "mean wait, s", value: found.meanWaitMs / 1000 },
        { name: "worst wait, s", value: found.worstWaitMs / 1000 },
        { name: "worst tenant's mean wait, s", value: found.worstTenantMeanMs / 1000 },
        { name: "Jain's index of the tenants' mean waits", value: found.jain },
      ],
      verdicts: [
        { name: "jobs lost", value: lost, atMost: 0 },
        { name: "workers too many", value: Math.max(0, found.atOnce - WORKERS), atMost: 0 },
        // Each other tenant once, and those who pass a turn that is being tried and finds no room.
        {
          name: "launches between two of one tenant",
          value: found.longestTurn,
          atMost: 2 * (TENANTS - 1),
        },
        {
          name: "unfairness (1 - Jain)",
          value: 1 - found.jain,
          atMost: 0.1,
        },
      ],
    };
  } finally {
    await gate.remove();
    await local.close();
  }
}
