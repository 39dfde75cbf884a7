import type { LocalPath } from "../../harness/local-path.ts";
import type { Consumption, ConsumptionCounter } from "../consumption.ts";
import { settle } from "../path-call.ts";

/** What is done to a workspace, in the order of the report. */
export const TASKS = [
  "push of all files",
  "push again, 10 changed",
  "list a directory",
  "tree",
  "glob",
  "read a file",
  "search",
  "edit",
  "snapshot to local disk",
] as const;
export type Task = (typeof TASKS)[number];

/** Who does it. */
export type Side = "zenode" | "one object per file" | "git";

/** One way to do a task. */
export interface Step {
  readonly task: Task;
  /** In what state, where a side has several; absent: warm. */
  readonly how?: string;
  readonly rounds: number;
  /** What precedes each round and is not measured. */
  readonly before?: () => Promise<void>;
  /** Milliseconds, where they are not those from its call to its end. */
  readonly run: (round: number) => Promise<number | undefined>;
}

export interface Round {
  readonly ms: number;
  /** Workers that were started. */
  readonly tasks: number;
  readonly consumption: Consumption;
}

export interface MeasuredStep {
  readonly side: Side;
  readonly task: Task;
  readonly how: string;
  readonly rounds: readonly Round[];
}

/** Measures steps of all sides on one local cloud, one after the other. */
export class Stopwatch {
  readonly #local: LocalPath;
  readonly #counter: ConsumptionCounter;

  constructor(local: LocalPath, counter: ConsumptionCounter) {
    this.#local = local;
    this.#counter = counter;
  }

  async measure(side: Side, step: Step): Promise<MeasuredStep> {
    const { task, how = "" } = step;
    const rounds: Round[] = [];
    while (rounds.length < step.rounds) rounds.push(await this.#round(step, rounds.length));
    return { side, task, how, rounds };
  }

  async #round({ before, run }: Step, number: number): Promise<Round> {
    const { cloud } = this.#local;
    await before?.();
    await settle(cloud);
    const tasks = cloud.ecs.tasks().length;
    this.#counter.take();
    const started = performance.now();
    const told = await run(number);
    const ms = told ?? performance.now() - started;
    await settle(cloud);
    const consumption = this.#counter.take();
    return { ms, tasks: cloud.ecs.tasks().length - tasks, consumption };
  }
}
