import type { Collected } from "./judge-storage.ts";
import { memoryStores } from "./memory-stores.ts";
import { makePlan, type Plan, type PlannedRound, type Step } from "./plan.ts";
import type { Sabotage } from "./processes.ts";
import { runSequence, type SequenceReport } from "./run-sequence.ts";

/** One of so many sequences is done with folders on the disk, too. */
const FOLDERS_EVERY = 20;
/** Goes at making a failing sequence smaller. */
const MOST_TRIES = 400;

export interface CampaignOptions {
  /** Of the first sequence; the next ones count up. */
  readonly seed: number;
  readonly runs: number;
  readonly sabotage?: Sabotage;
  readonly onRun?: (done: number) => void;
  /** False: a failing sequence is told as it is. */
  readonly smallest?: boolean;
}

export interface CampaignReport {
  readonly runs: number;
  readonly steps: number;
  readonly snapshots: number;
  readonly deletions: number;
  readonly collected: Collected;
  readonly outcomes: Readonly<Record<string, number>>;
  /** The first sequence that had a fault. */
  readonly failure?: SequenceFailure;
}

interface FailingPlan {
  readonly plan: Plan;
  readonly faults: readonly string[];
}

export interface SequenceFailure extends FailingPlan {
  readonly seed: number;
}

/** Runs sequences over memory stores, until one shows a fault. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  let sum: CampaignReport = NOTHING;
  for (let done = 0; done < options.runs; done++) {
    const seed = (options.seed + done) % 2 ** 31;
    const plan = makePlan(seed);
    const report = await runPlan(plan, options.sabotage);
    sum = add(sum, report);
    if (report.faults.length > 0) {
      const found = { plan, faults: report.faults };
      const isShrunk = options.smallest !== false;
      return {
        ...sum,
        failure: { seed, ...(isShrunk ? await shrink(found, options.sabotage) : found) },
      };
    }
    options.onRun?.(done + 1);
  }
  return sum;
}

const NOTHING: CampaignReport = {
  ...{ runs: 0, steps: 0, snapshots: 0, deletions: 0, outcomes: {} },
  collected: { forgotten: 0, erased: 0, packs: 0 },
};

function add(
  sum: CampaignReport,
  { outcomes, collected, ...report }: SequenceReport,
): CampaignReport {
  return {
    runs: sum.runs + 1,
    steps: sum.steps + Object.values(outcomes).reduce((total, count) => total + count, 0),
    snapshots: sum.snapshots + report.snapshots,
    deletions: sum.deletions + report.deletions,
    outcomes: addCounts(sum.outcomes, outcomes),
    collected: {
      forgotten: sum.collected.forgotten + collected.forgotten,
      erased: sum.collected.erased + collected.erased,
      packs: sum.collected.packs + collected.packs,
    },
  };
}

function addCounts(a: Counts, b: Counts): Counts {
  const kinds = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...kinds].map((kind) => [kind, (a[kind] ?? 0) + (b[kind] ?? 0)]));
}

type Counts = Readonly<Record<string, number>>;

function runPlan(plan: Plan, sabotage: Sabotage = {}): Promise<SequenceReport> {
  const folders = plan.seed % FOLDERS_EVERY === 0;
  return runSequence(plan, { stores: memoryStores(), sabotage, folders });
}

/** Leaves out steps and pauses as long as there is still a fault, though perhaps another one. */
async function shrink(found: FailingPlan, sabotage: Sabotage | undefined): Promise<FailingPlan> {
  let best = found;
  let tries = 0;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const cut of cutsOf(best.plan)) {
      if (++tries > MOST_TRIES) return best;
      const smaller = cut(best.plan);
      const report = await runPlan(smaller, sabotage);
      if (report.faults.length === 0) continue;
      best = { plan: smaller, faults: report.faults };
      isSmaller = true;
    }
  }
  return best;
}

/** Ways to make it smaller: without a round, without one of its steps, the last ones first, or without a pause. */
function cutsOf({ rounds }: Plan): readonly ((plan: Plan) => Plan)[] {
  const ids = rounds.map(({ steps }) => steps.map(({ id }) => id)).toReversed();
  const paused = rounds.filter(({ pauseMs }) => pauseMs > 0).map(({ steps }) => steps[0]?.id);
  return [
    ...ids.filter(({ length }) => length > 1).map((round) => (plan: Plan) => without(plan, round)),
    ...ids.flat().map((id) => (plan: Plan) => without(plan, [id])),
    ...paused.map((id) => (plan: Plan) => withoutPause(plan, id)),
  ];
}

function withoutPause(plan: Plan, first: number | undefined): Plan {
  const rounds = plan.rounds.map((round) =>
    round.steps[0]?.id === first ? { ...round, pauseMs: 0 } : round,
  );
  return { ...plan, rounds };
}

/** A round without steps leaves its pause to the next one. */
function without(plan: Plan, ids: readonly number[]): Plan {
  const rounds: PlannedRound[] = [];
  let pausedMs = 0;
  for (const round of plan.rounds) {
    const steps = round.steps.filter(({ id }) => !ids.includes(id));
    pausedMs += round.pauseMs;
    if (steps.length === 0) continue;
    rounds.push({ pauseMs: pausedMs, steps });
    pausedMs = 0;
  }
  return { ...plan, rounds };
}

/** The failing sequence in words, and how to see it again. */
export function describeFailure({ seed, plan, faults }: SequenceFailure): string {
  const rounds = plan.rounds.map(
    ({ steps, pauseMs }, at) =>
      `  round ${at + 1}${pauseMs > 0 ? `, ${pauseMs / 3_600_000} h later` : ""}\n${steps.map((step) => `    ${show(step)}\n`).join("")}`,
  );
  return [
    `Seed ${seed} fails:`,
    ...faults.map((fault) => `  ${fault}`),
    `The smallest sequence that still does (climate ${JSON.stringify(plan.climate)}, kept ${JSON.stringify(plan.retention)}):`,
    rounds.join(""),
    `Again: npm run sequences -- --seed ${seed} --runs 1`,
  ].join("\n");
}

function show(step: Step): string {
  const brief = (_: string, value: unknown) => {
    if (value instanceof Map) return Object.fromEntries(value);
    return typeof value === "string" && value.length > 60 ? `${value.slice(0, 60)}…` : value;
  };
  return JSON.stringify(step, brief);
}
