import { seededRandom } from "../harness/seeded-random.ts";
import { type FaultPath, LANES, laneOf, startFaultPath } from "./observers/fault-path.ts";
import { NO_REPORT, type RunPlace, type RunReport, runOnce } from "./run.ts";
import { planRun, type RunPlan, SCENARIOS, type Scenario } from "./scenarios.ts";
import { inWeather, WEATHERS, type Weather } from "./weather.ts";

export interface CampaignOrder {
  readonly seed: number;
  readonly runs: number;
  /** Absent: all in turn. */
  readonly scenario?: string;
  readonly onRun?: (report: RunReport) => void;
}

/** The run with index 0 has the campaign's own seed: so a run is repeated by its seed alone. */
export function planCampaign({ seed, runs, scenario }: CampaignOrder): readonly RunPlan[] {
  const table = SCENARIOS.filter(({ name }) => scenario === undefined || name === scenario);
  if (table.length === 0) throw new Error(`There is no scenario ${scenario}.`);
  return Array.from({ length: runs }, (_, index) => {
    const own = (seed + index * 0x9e3779b9) >>> 0;
    return planRun(table[index % table.length] as Scenario, own, seededRandom(own));
  });
}

/** So many runs on one cloud: what they leave in its table makes each further one slower. */
const RUNS_ON_ONE_PATH = 100;

/** Runs everything planned, phase by phase: what hits everybody is the same for all of a phase. */
export async function runCampaign(order: CampaignOrder): Promise<readonly RunReport[]> {
  const plans = planCampaign(order);
  const reports: RunReport[] = [];
  const take = (report: RunReport) => {
    reports.push(report);
    order.onRun?.(report);
  };
  const paths = new FreshPaths(order.seed);
  try {
    for (const weather of Object.keys(WEATHERS) as Weather[]) {
      const due = plans.flatMap((plan, index) =>
        plan.scenario.weather === weather ? [{ plan, index }] : [],
      );
      while (due.length > 0) {
        const random = seededRandom(order.seed ^ due.length);
        const { path, some } = await paths.take(due);
        await inWeather(path, weather, { random, work: () => sideBySide(path, some, take) });
      }
    }
  } finally {
    await paths.close();
  }
  return reports;
}

/** One path after the other. */
class FreshPaths {
  readonly #seed: number;
  #path: FaultPath | undefined;
  #left = RUNS_ON_ONE_PATH;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** As many as one path is still good for are taken away from what is due. */
  async take<Run>(due: Run[]): Promise<{ readonly path: FaultPath; readonly some: Run[] }> {
    if (this.#left === 0) await this.close();
    this.#path ??= await startFaultPath(this.#seed);
    const some = due.splice(0, this.#left);
    this.#left -= some.length;
    return { path: this.#path, some };
  }

  async close(): Promise<void> {
    await this.#path?.close();
    this.#path = undefined;
    this.#left = RUNS_ON_ONE_PATH;
  }
}

async function sideBySide(
  path: FaultPath,
  due: { readonly plan: RunPlan; readonly index: number }[],
  take: (report: RunReport) => void,
): Promise<void> {
  const lane = async (number: number) => {
    for (let next = due.shift(); next; next = due.shift())
      take(await judged(path, next.plan, { index: next.index, lane: laneOf(number) }));
  };
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
}

/** A run that could not be made to its end is no good one either; the others go on. */
async function judged(path: FaultPath, plan: RunPlan, place: RunPlace): Promise<RunReport> {
  try {
    return await runOnce(path, plan, place);
  } catch (cause) {
    const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    return { ...NO_REPORT, plan, violations: [{ rule: "observation", text }] };
  }
}
