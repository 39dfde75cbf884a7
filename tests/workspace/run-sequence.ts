import { seededRandom } from "../harness/seeded-random.ts";
import type { Deed } from "./deed.ts";
import { judgeWithFolders } from "./folder-model.ts";
import { Judge } from "./judge.ts";
import type { Collected } from "./judge-storage.ts";
import { perform } from "./perform.ts";
import { type Plan, type PlannedRound, PROCESSES } from "./plan.ts";
import { Process, type Sabotage, type Stores } from "./processes.ts";
import { GRACE_MS, HOUR_MS } from "./retention.ts";
import { Scheduler } from "./scheduler.ts";
import { FAIR, Weather } from "./weather.ts";

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
  /** Of those, deletions. */
  readonly deletions: number;
  /** By the sequence's own steps. */
  readonly collected: Collected;
}

/** Runs a plan and judges each of its rounds; stops at the first with a fault. */
export async function runSequence(plan: Plan, options: SequenceOptions): Promise<SequenceReport> {
  const sequence = new Sequence(plan, options);
  for (const round of plan.rounds) {
    const faults = await sequence.round(round);
    if (faults.length > 0) return sequence.report(faults);
  }
  return sequence.report(await sequence.end());
}

class Sequence {
  readonly #plan: Plan;
  readonly #options: SequenceOptions;
  readonly #random: () => number;
  readonly #scheduler: Scheduler;
  readonly #weather: Weather;
  readonly #judge: Judge;
  readonly #processes: Process[];
  readonly #announced: string[] = [];
  #collected: Collected = { forgotten: 0, erased: 0, packs: 0 };
  readonly #outcomes: Record<string, number> = {};

  constructor(plan: Plan, options: SequenceOptions) {
    this.#plan = plan;
    this.#options = options;
    options.sabotage?.world?.(options.stores);
    // Not the plan's own draws: the order of calls is another matter than what is done.
    this.#random = seededRandom(plan.seed ^ 0x5eed);
    this.#scheduler = new Scheduler(this.#random);
    this.#weather = new Weather(plan.climate, this.#random);
    this.#judge = new Judge(options.stores, plan.retention);
    this.#processes = Array.from({ length: PROCESSES }, () => this.#start());
  }

  async round({ pauseMs, steps }: PlannedRound): Promise<readonly string[]> {
    const { stores } = this.#options;
    stores.advance?.(pauseMs);
    const began = stores.clock.now();
    const hits = this.#weather.hits;
    const tasks = steps.map((step) => {
      const owner = this.#processes[step.process] as Process;
      const { deed, done } = perform(step, owner, stores);
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
    return this.#judge.judge({ deeds, disturbed, announced: this.#announced.splice(0), began });
  }

  async end(): Promise<readonly string[]> {
    const { stores, folders } = this.#options;
    const faults = [...(await this.#judge.judgeHistory())];
    this.#collected = this.#judge.collected;
    if (faults.length === 0 && stores.advance) {
      faults.push(...(await this.#judge.judgeEnd(() => this.#collectLater())));
    }
    if (!folders) return faults;
    return [...faults, ...(await judgeWithFolders(this.#judge, stores))];
  }

  /** A visit of the collector in fair weather, more than the longest call later. */
  async #collectLater(): Promise<readonly Deed[]> {
    const { stores } = this.#options;
    stores.advance?.(GRACE_MS + HOUR_MS);
    const collector = this.#process(new Weather(FAIR, this.#random));
    const step = {
      kind: "collect",
      urgent: false,
      id: -1,
      project: "app",
      user: "ada",
      process: 0,
    } as const;
    const { deed, done } = perform(step, collector, stores);
    await done();
    return [deed];
  }

  report(faults: readonly string[]): SequenceReport {
    const lines = [...this.#judge.lines.values()];
    const records = lines.flatMap((line) => line.records.slice(1));
    const deletions = records.filter((record) => record?.deleted).length;
    const done = { snapshots: records.length, deletions, collected: this.#collected };
    return { faults, outcomes: this.#outcomes, ...done };
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
    return this.#process(this.#weather, this.#options.unscheduled ? undefined : this.#scheduler);
  }

  #process(weather: Weather, scheduler?: Scheduler): Process {
    const { stores, sabotage = {} } = this.#options;
    const { retention } = this.#plan;
    return new Process({
      ...{ stores, sabotage, weather, retention },
      ...(scheduler && { scheduler }),
      announce: ({ project, number }) => this.#announced.push(`${project} ${number}`),
    });
  }
}
