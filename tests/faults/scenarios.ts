import { CLIENTS, type ClientName } from "./clients/index.ts";
import type { Weather } from "./weather.ts";

/**
 * What hits one worker: any that runs, one that waits for its next job, or one that was ordered one a moment ago.
 * `freeze`: it hangs (SIGSTOP) from its wait on until some seconds after its order; `freeze-kill`: and is then killed.
 */
export const STRIKES = [
  "kill",
  "spot",
  "kill-waiting",
  "spot-waiting",
  "spot-ordered",
  "freeze",
  "freeze-kill",
] as const;
export type StrikeKind = (typeof STRIKES)[number];

/** What is done to one run, at a time of its own. */
export type Act =
  | { readonly kind: StrikeKind; readonly afterMs: number }
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
  /** Its workers always wait for their next job; else half of the runs' do, as drawn. */
  readonly lingers?: true;
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
  {
    ...scenario("warm-killed", "calm", ["kill-waiting", "freeze-kill", "kill"], [1, 2]),
    lingers: true,
  },
  {
    ...scenario("warm-spot", "calm", ["spot-waiting", "spot-ordered", "spot"], [1, 2]),
    lingers: true,
  },
  {
    ...scenario("warm-hanging", "calm", ["freeze", "freeze-kill", "lambda"], [1, 2]),
    lingers: true,
  },
  scenario("dynamodb-throttled", "dynamodb throttled"),
  scenario("dynamodb-failing", "dynamodb failing", ["leave", "kill"], [0, 1]),
  scenario("dynamodb-answers-lost", "dynamodb answers lost", ["leave", "kill"], [0, 1]),
  { ...scenario("s3-failing", "s3 failing", ["kill", "leave"], [0, 1]), files: true },
  scenario("no-capacity", "no capacity", ["leave", "spot"], [0, 1]),
  scenario("clock-jumps", "clock jumps", ["kill", "leave"], [0, 1]),
  { ...scenario("storm", "storm", ["kill", "spot", "lambda", "leave"], [1, 2]), files: true },
];

/** One call; it is made so long after the one before it in its series was answered. */
export interface CallPlan {
  readonly client: ClientName;
  readonly pauseMs: number;
  /** Which of the tenant's users makes it. */
  readonly user: "first" | "second";
}

/** Calls of one tenant, one after the other. All series of a run begin at the same time. */
export interface SeriesPlan {
  readonly tenant: "own" | "other";
  readonly calls: readonly CallPlan[];
}

/** Everything random about a run, drawn from its seed. */
export interface RunPlan {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly series: readonly SeriesPlan[];
  /** How long workers wait for their next job, and what is left of the paid minute when they start; absent: they do not. */
  readonly linger?: { readonly lingerMs: number; readonly paidMs: number };
  readonly steps: number;
  readonly stepMs: number;
  readonly fillerBytes: number;
  readonly acts: readonly Act[];
}

/** Over what an item holds, so that the result lies in the bucket. */
const LARGE_BYTES = 350_000;

type Between = (low: number, high: number) => number;

export function planRun(scenario: Scenario, seed: number, random: () => number): RunPlan {
  const between: Between = (low, high) => low + Math.floor(random() * (high - low + 1));
  const lingers = scenario.lingers ?? random() < 0.5;
  const [least, most] = scenario.count;
  const kinds = Array.from(
    { length: between(least, most) },
    (_, index) => scenario.acts[index === 0 ? 0 : between(0, scenario.acts.length - 1)],
  );
  return {
    scenario,
    seed,
    series: lingers ? drawSeries(between) : [{ tenant: "own", calls: [drawCall(between, 0)] }],
    // Where warm workers are what is hit they wait longer, so that calls find them.
    ...(lingers && {
      linger: {
        lingerMs: between(2000, 4000) * (scenario.lingers ? 2 : 1),
        paidMs: between(0, 5000),
      },
    }),
    steps: between(3, lingers ? 6 : 12),
    stepMs: between(20, 150),
    fillerBytes: scenario.files ? LARGE_BYTES : between(0, 2000),
    acts: shuffled(kinds, random).flatMap((kind) => (kind ? [drawAct(kind, between)] : [])),
  };
}

/** Two or three calls of a tenant in a row; beside them another tenant's, and some more of the same one's. */
function drawSeries(between: Between): readonly SeriesPlan[] {
  const row = (tenant: SeriesPlan["tenant"], count: number): SeriesPlan => ({
    tenant,
    calls: Array.from({ length: count }, (_, at) => drawCall(between, at === 0 ? 0 : 1500)),
  });
  const [others, more] = [between(0, 2), between(0, 2)];
  return [
    row("own", between(2, 3)),
    ...(others > 0 ? [row("other", others)] : []),
    ...(more === 2 ? [{ tenant: "own" as const, calls: [drawCall(between, 4000)] }] : []),
  ];
}

function drawCall(between: Between, pauseMs: number): CallPlan {
  const names = Object.keys(CLIENTS) as ClientName[];
  return {
    client: names[between(0, names.length - 1)] ?? "asks again",
    pauseMs: between(0, pauseMs),
    user: between(0, 1) === 0 ? "first" : "second",
  };
}

function drawAct(kind: ActKind, between: Between): Act {
  // A worker takes about a second to start and a few to do its steps: any moment of that is good.
  const afterMs = between(0, 2500);
  switch (kind) {
    case "duplicate":
      return { kind, afterMs, times: between(1, 3) };
    case "leave":
      return { kind, afterMs, awayMs: between(0, 2500) };
    // Between an order and its claim there are 200 ms at most.
    case "spot-ordered":
      return { kind, afterMs: between(0, 200) };
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
