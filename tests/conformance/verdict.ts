import type { ScenarioOutcome } from "./suite.ts";

export interface Verdict {
  readonly set: string;
  readonly passed: number;
  readonly failed: number;
  /** Scenarios with a failure nobody expected. */
  readonly unexpected: readonly ScenarioOutcome[];
  /** Scenarios that fail as the list says. */
  readonly expected: readonly ScenarioOutcome[];
  /** Listed scenarios that pass, or that the suite does not have. */
  readonly stale: readonly string[];
}

/** What a set's outcomes mean against the list of expected failures. */
export function judge(
  set: string,
  outcomes: readonly ScenarioOutcome[],
  listed: ReadonlyMap<string, string>,
): Verdict {
  const failing = outcomes.filter(({ failures }) => failures.length > 0);
  const names = new Set(failing.map(({ scenario }) => scenario));
  return {
    set,
    passed: outcomes.reduce((sum, { passed }) => sum + passed, 0),
    failed: outcomes.reduce((sum, { failures }) => sum + failures.length, 0),
    unexpected: failing.filter(({ scenario }) => !listed.has(scenario)),
    expected: failing.filter(({ scenario }) => listed.has(scenario)),
    stale: [...listed.keys()].filter((scenario) => !names.has(scenario)),
  };
}
