import { LIMITS, type Limit, UNLIMITED } from "./limits.ts";
import { type Outcome, type Scenario, Simulation } from "./simulation.ts";

export interface BreakingPoint {
  readonly limit: Limit;
  /** The most asked for at each number of tenants that was simulated. */
  readonly demands: readonly { readonly tenants: number; readonly demand: number }[];
  /**
   * Tenants at which the limit is met: between two that were simulated, or beyond the last by the
   * last slope. For a limit of one tenant: average tenants that this one is as busy as.
   */
  readonly tenants: number;
  /** False: no simulation went that far. */
  readonly wasReached: boolean;
}

export interface Doubling {
  readonly from: number;
  /** The number of tenants is doubled so often at most. */
  readonly times: number;
}

const HOUR_S = 3600;

/** Doubles the tenants, unlimited, and looks at the hour of the peak. */
export function findBreakingPoints(
  scenario: Scenario,
  { from, times }: Doubling,
  peakAt: number,
): readonly BreakingPoint[] {
  const outcomes: { readonly tenants: number; readonly outcome: Outcome }[] = [];
  for (let step = 0; step <= times; step += 1) {
    const tenants = from * 2 ** step;
    outcomes.push({ tenants, outcome: runPeak(scenario, tenants, peakAt) });
  }
  return LIMITS.map((limit) => {
    const demands = outcomes.map(({ tenants, outcome }) => ({
      tenants,
      demand: (limit.demandOfOne ?? limit.demand)(outcome),
    }));
    return { limit, demands, ...meet(demands, limit.value) };
  });
}

/** Two hours to settle, half an hour on both sides of the peak to look. */
function runPeak(scenario: Scenario, tenants: number, peakAt: number): Outcome {
  return new Simulation({
    ...scenario,
    mix: { ...scenario.mix, tenants },
    quotas: UNLIMITED,
    from: peakAt - 2.5 * HOUR_S,
    measureFrom: peakAt - 0.5 * HOUR_S,
    to: peakAt + 0.5 * HOUR_S,
  }).run();
}

/** Where a demand that grows meets a limit, by straight lines. Infinity where it does not grow. */
export function meet(
  demands: BreakingPoint["demands"],
  value: number,
): Pick<BreakingPoint, "tenants" | "wasReached"> {
  let before = { tenants: 0, demand: 0 };
  let slope = 0;
  for (const next of demands) {
    slope = (next.demand - before.demand) / (next.tenants - before.tenants);
    if (next.demand > value) {
      return { tenants: before.tenants + (value - before.demand) / slope, wasReached: true };
    }
    before = next;
  }
  const more = slope > 0 ? (value - before.demand) / slope : Number.POSITIVE_INFINITY;
  return { tenants: before.tenants + more, wasReached: false };
}
