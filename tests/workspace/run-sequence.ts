import { seededRandom } from "../harness/seeded-random.ts";
import { judgeWithFolders } from "./folder-model.ts";
import { Judge } from "./judge.ts";
import { perform } from "./perform.ts";
import { type Plan, PROCESSES, type Step } from "./plan.ts";
import { Process, type Sabotage, type Stores } from "./processes.ts";
import { Scheduler } from "./scheduler.ts";
import { Weather } from "./weather.ts";

export interface SequenceOptions {
  readonly stores: Stores;
  readonly sabotage?: Sabotage;
  /** Whether real folders on the disk do the same steps at the end. */
  readonly folders?: boolean;
  /** Calls go to the stores as they come: these are not in this process, and fail by themselves. */
  readonly unscheduled?: {
    /** Around each round: whether anything failed in it. */
    around(round: () => Promise<void>): Promise<boolean>;
  };
}

export interface SequenceReport {
  /** What was wrong, in the first round that had something wrong. */
  readonly faults: readonly string[];
  /** How many steps ended how. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly snapshots: number;
}

/** Runs a plan and judges each of its rounds; stops at the first with a fault. */
export async function runSequence(plan: Plan, options: SequenceOptions): Promise<SequenceReport> {
  const sequence = new Sequence(plan, options);
  for (const steps of plan.rounds) {
    const faults = await sequence.round(steps);
    if (faults.length > 0) return sequence.report(faults);
  }
  return sequence.report(await sequence.end());
}

class Sequence {
  readonly #options: SequenceOptions;
  readonly #random: () => number;
  readonly #scheduler: Scheduler;
  readonly #weather: Weather;
  readonly #judge: Judge;
  readonly #processes: Process[];
  readonly #announced: string[] = [];
  readonly #outcomes: Record<string, number> = {};

  constructor(plan: Plan, options: SequenceOptions) {
    this.#options = options;
    options.sabotage?.world?.(options.stores);
    // Not the plan's own draws: the order of calls is another matter than what is done.
    this.#random = seededRandom(plan.seed ^ 0x5eed);
    this.#scheduler = new Scheduler(this.#random);
    this.#weather = new Weather(plan.climate, this.#random);
    this.#judge = new Judge(options.stores);
    this.#processes = Array.from({ length: PROCESSES }, () => this.#start());
  }

  async round(steps: readonly Step[]): Promise<readonly string[]> {
    const { stores } = this.#options;
    const hits = this.#weather.hits;
    const tasks = steps.map((step) => {
      const owner = this.#processes[step.process] as Process;
      const { deed, done } = perform(step, owner, stores.codec);
      return { owner, deed, run: done };
    });
    let disturbed: boolean;
    try {
      disturbed = (await this.#run(tasks)) || this.#weather.hits > hits;
    } catch (error) {
      return [String(error)];
    }
    const deeds = tasks.map(({ deed }) => deed);
    for (const { outcome } of deeds) {
      const kind = outcome.kind === "refused" ? outcome.code : outcome.kind;
      this.#outcomes[kind] = (this.#outcomes[kind] ?? 0) + 1;
    }
    for (const [at, { dead }] of this.#processes.entries()) {
      if (dead) this.#processes[at] = this.#start();
    }
    return this.#judge.judge({ deeds, disturbed, announced: this.#announced.splice(0) });
  }

  async end(): Promise<readonly string[]> {
    const faults = await this.#judge.judgeHistory();
    if (!this.#options.folders) return faults;
    return [...faults, ...(await judgeWithFolders(this.#judge, this.#options.stores))];
  }

  report(faults: readonly string[]): SequenceReport {
    const lines = [...this.#judge.lines.values()];
    const snapshots = lines.reduce((sum, { states }) => sum + states.length - 1, 0);
    return { faults, outcomes: this.#outcomes, snapshots };
  }

  async #run(
    tasks: readonly { readonly owner: Process; run(): Promise<void> }[],
  ): Promise<boolean> {
    const { unscheduled } = this.#options;
    if (!unscheduled) {
      await this.#scheduler.run(tasks);
      return false;
    }
    return unscheduled.around(async () => {
      await Promise.all(tasks.map((task) => task.run()));
    });
  }

  #start(): Process {
    const { stores, sabotage = {}, unscheduled } = this.#options;
    return new Process({
      stores,
      sabotage,
      weather: this.#weather,
      ...(unscheduled ? {} : { scheduler: this.#scheduler }),
      announce: ({ project, number }) => this.#announced.push(`${project} ${number}`),
    });
  }
}
