import type { Random } from "./random.ts";

const SPREAD = 1000;

/**
 * Tenants of unequal weight, 1 on the average: the quantiles of a bounded Pareto distribution, so
 * that the same number of tenants is the same tenants. The last one is the busiest.
 */
export class Tenants {
  readonly #cumulative: Float64Array;
  readonly #heaviest: number;

  constructor(count: number, alpha: number) {
    this.#cumulative = new Float64Array(count);
    let sum = 0;
    let weight = 0;
    for (let index = 0; index < count; index += 1) {
      const tail = 1 - ((index + 0.5) / count) * (1 - SPREAD ** -alpha);
      weight = tail ** (-1 / alpha);
      sum += weight;
      this.#cumulative[index] = sum;
    }
    this.#heaviest = weight / sum;
  }

  get busiest(): number {
    return this.#cumulative.length - 1;
  }

  /** The busiest tenant's part of everything. */
  get busiestShare(): number {
    return this.#heaviest;
  }

  pick(random: Random): number {
    const sum = this.#cumulative[this.busiest] ?? 0;
    const target = random.next() * sum;
    let [low, high] = [0, this.busiest];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#cumulative[middle] as number) > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
