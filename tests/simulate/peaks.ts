import type { Second } from "./traffic.ts";

/** Of one second: rates are of that second, the others of its end. */
export interface Moment {
  readonly lambdas: number;
  readonly heldLambdas: number;
  /** Read units on the partition with the busiest tenant's heads. */
  readonly busiestHeadReads: number;
  /** Reads of one stream of changes of the busiest tenant. */
  readonly busiestChangeReads: number;
  readonly waiting: number;
  /** RunTask requests of this second. */
  readonly launches: number;
}

type Rates = Pick<Second, "rru" | "wru" | "s3Reads" | "s3Writes" | "calls" | "headReads">;
export type Peak = keyof Moment | keyof Rates;

const RATES = [
  "rru",
  "wru",
  "s3Reads",
  "s3Writes",
  "calls",
  "headReads",
] as const satisfies (keyof Rates)[];

const MOMENT = [
  "lambdas",
  "heldLambdas",
  "busiestHeadReads",
  "busiestChangeReads",
  "waiting",
  "launches",
] as const satisfies (keyof Moment)[];

/** The busiest second of each kind. */
export class Peaks {
  readonly #max = new Map<Peak, number>();
  readonly #second: Record<keyof Rates, number> = {
    rru: 0,
    wru: 0,
    s3Reads: 0,
    s3Writes: 0,
    calls: 0,
    headReads: 0,
  };

  of(peak: Peak): number {
    return this.#max.get(peak) ?? 0;
  }

  add(more: Rates): void {
    for (const rate of RATES) this.#second[rate] += more[rate];
  }

  endSecond(moment: Moment): void {
    for (const rate of RATES) {
      this.#raise(rate, this.#second[rate]);
      this.#second[rate] = 0;
    }
    for (const name of MOMENT) this.#raise(name, moment[name]);
  }

  reset(): void {
    this.#max.clear();
  }

  #raise(peak: Peak, value: number): void {
    if (value > this.of(peak)) this.#max.set(peak, value);
  }
}
