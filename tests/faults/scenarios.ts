import { CLIENTS, type ClientName } from "./clients/index.ts";
import type { Weather } from "./weather.ts";

/** What is done to one run, at a time of its own. */
export type Act =
  | { readonly kind: "kill" | "spot"; readonly afterMs: number }
  | { readonly kind: "lambda"; readonly afterMs: number }
  | { readonly kind: "duplicate"; readonly afterMs: number; readonly times: number }
  | { readonly kind: "leave"; readonly afterMs: number; readonly awayMs: number }
  | { readonly kind: "cancel"; readonly afterMs: number };

export type ActKind = Act["kind"];

export interface Scenario {
  readonly name: string;
  readonly weather: Weather;
  /** At least and at most so many acts of these kinds, in any mixture of `kinds` different ones. */
  readonly acts: readonly ActKind[];
  readonly count: readonly [number, number];
  /** Pushes a project of its own, which the tool reads, and returns more than an item holds. */
  readonly files?: true;
}

const scenario = (
  name: string,
  weather: Weather,
  acts: readonly ActKind[] = [],
  count: readonly [number, number] = [0, 0],
): Scenario => ({ name, weather, acts, count });

export const SCENARIOS: readonly Scenario[] = [
  scenario("worker-killed", "calm", ["kill"], [1, 2]),
  scenario("spot", "calm", ["spot"], [1, 2]),
  scenario("worker-lost", "calm", ["kill", "spot"], [3, 3]),
  scenario("lambda-killed", "calm", ["lambda"], [1, 3]),
  scenario("client-back", "calm", ["leave"], [1, 3]),
  scenario("duplicate-events", "calm", ["kill", "duplicate"], [2, 3]),
  scenario("cancelled", "calm", ["cancel", "kill"], [1, 2]),
  scenario("two-at-once", "calm", ["kill", "spot", "lambda", "leave", "duplicate"], [2, 2]),
  scenario("three-at-once", "calm", ["kill", "spot", "lambda", "leave", "duplicate"], [3, 3]),
  scenario("dynamodb-throttled", "dynamodb throttled"),
  scenario("dynamodb-failing", "dynamodb failing", ["leave", "kill"], [0, 1]),
  scenario("dynamodb-answers-lost", "dynamodb answers lost", ["leave", "kill"], [0, 1]),
  { ...scenario("s3-failing", "s3 failing", ["kill", "leave"], [0, 1]), files: true },
  scenario("no-capacity", "no capacity", ["leave", "spot"], [0, 1]),
  scenario("clock-jumps", "clock jumps", ["kill", "leave"], [0, 1]),
  { ...scenario("storm", "storm", ["kill", "spot", "lambda", "leave"], [1, 2]), files: true },
];

/** Everything random about a run, drawn from its seed. */
export interface RunPlan {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly client: ClientName;
  readonly steps: number;
  readonly stepMs: number;
  readonly fillerBytes: number;
  readonly acts: readonly Act[];
}

/** Over what an item holds, so that the result lies in the bucket. */
const LARGE_BYTES = 350_000;

export function planRun(scenario: Scenario, seed: number, random: () => number): RunPlan {
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  const names = Object.keys(CLIENTS) as ClientName[];
  const client = names[between(0, names.length - 1)] ?? "asks again";
  const steps = between(3, 12);
  const stepMs = between(20, 150);
  const [least, most] = scenario.count;
  const kinds = Array.from(
    { length: between(least, most) },
    (_, index) => scenario.acts[index === 0 ? 0 : between(0, scenario.acts.length - 1)],
  );
  return {
    scenario,
    seed,
    client,
    steps,
    stepMs,
    fillerBytes: scenario.files ? LARGE_BYTES : between(0, 2000),
    acts: shuffled(kinds, random).flatMap((kind) => (kind ? [drawAct(kind, between)] : [])),
  };
}

function drawAct(kind: ActKind, between: (low: number, high: number) => number): Act {
  // A worker takes about a second to start and a few to do its steps: any moment of that is good.
  const afterMs = between(0, 2500);
  switch (kind) {
    case "duplicate":
      return { kind, afterMs, times: between(1, 3) };
    case "leave":
      return { kind, afterMs, awayMs: between(0, 2500) };
    default:
      return { kind, afterMs };
  }
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
