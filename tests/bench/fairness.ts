import { newGate } from "../path/gate/gate.ts";
import { startGatedPath } from "../path/gate/gated-path.ts";
import { runScenario, WORKERS_OF_ONE } from "../path/queue-scenario.ts";
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
        { name: "launches between two of one tenant, at most", value: found.longestTurn },
        { name: "tries of that turn", value: found.triesOfLongest },
        { name: "mean wait, s", value: found.meanWaitMs / 1000 },
        { name: "worst wait, s", value: found.worstWaitMs / 1000 },
        { name: "worst tenant's mean wait, s", value: found.worstTenantMeanMs / 1000 },
        { name: "Jain's index of the tenants' mean waits", value: found.jain },
      ],
      verdicts: [
        { name: "jobs lost", value: lost, atMost: 0 },
        { name: "workers too many", value: Math.max(0, found.atOnce - WORKERS), atMost: 0 },
        { name: "workers of one job", value: found.workersOfOne, atMost: WORKERS_OF_ONE },
        // Each other tenant once, and once more for those who pass a turn that is being tried and finds no room.
        {
          name: "launches between two of one tenant",
          value: found.longestTurn,
          atMost: 2 * (TENANTS - 1),
        },
        // The same for as many tries as there were, see docs/design/launch.md.
        { name: "launches beyond the bound of a turn", value: found.beyondBound, atMost: 0 },
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
