import { memoryStores } from "./memory-stores.ts";
import { makePlan, type Plan, type Step } from "./plan.ts";
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
  const outcomes: Record<string, number> = {};
  let snapshots = 0;
  for (let done = 0; done < options.runs; done++) {
    const seed = (options.seed + done) % 2 ** 31;
    const plan = makePlan(seed);
    const report = await runPlan(plan, options.sabotage);
    snapshots += report.snapshots;
    for (const [kind, count] of Object.entries(report.outcomes)) {
      outcomes[kind] = (outcomes[kind] ?? 0) + count;
    }
    if (report.faults.length > 0) {
      const found = { plan, faults: report.faults };
      const isShrunk = options.smallest !== false;
      const failure = { seed, ...(isShrunk ? await shrink(found, options.sabotage) : found) };
      return { ...sum(outcomes), runs: done + 1, snapshots, outcomes, failure };
    }
    options.onRun?.(done + 1);
  }
  return { ...sum(outcomes), runs: options.runs, snapshots, outcomes };
}

function sum(outcomes: Readonly<Record<string, number>>): { readonly steps: number } {
  return { steps: Object.values(outcomes).reduce((total, count) => total + count, 0) };
}

function runPlan(plan: Plan, sabotage: Sabotage = {}): Promise<SequenceReport> {
  const folders = plan.seed % FOLDERS_EVERY === 0;
  return runSequence(plan, { stores: memoryStores(), sabotage, folders });
}

/** Leaves out steps as long as there is still a fault, though perhaps another one. */
async function shrink(found: FailingPlan, sabotage: Sabotage | undefined): Promise<FailingPlan> {
  let best = found;
  let tries = 0;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const { id } of best.plan.rounds.flat().toReversed()) {
      if (++tries > MOST_TRIES) return best;
      const smaller = without(best.plan, id);
      const report = await runPlan(smaller, sabotage);
      if (report.faults.length === 0) continue;
      best = { plan: smaller, faults: report.faults };
      isSmaller = true;
    }
  }
  return best;
}

function without(plan: Plan, id: number): Plan {
  const rounds = plan.rounds
    .map((round) => round.filter((step) => step.id !== id))
    .filter((round) => round.length > 0);
  return { ...plan, rounds };
}

/** The failing sequence in words, and how to see it again. */
export function describeFailure({ seed, plan, faults }: SequenceFailure): string {
  const rounds = plan.rounds.map(
    (round, at) => `  round ${at + 1}\n${round.map((step) => `    ${show(step)}\n`).join("")}`,
  );
  return [
    `Seed ${seed} fails:`,
    ...faults.map((fault) => `  ${fault}`),
    `The smallest sequence that still does (climate ${JSON.stringify(plan.climate)}):`,
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
