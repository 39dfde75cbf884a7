/** A number that goes up and down, its greatest value, and its sum over time. Time in seconds. */
export class Gauge {
  #value = 0;
  #max = 0;
  #area = 0;
  #since: number;

  constructor(start = 0) {
    this.#since = start;
  }

  get value(): number {
    return this.#value;
  }

  get max(): number {
    return this.#max;
  }

  add(change: number, now: number): void {
    this.#area += this.#value * (now - this.#since);
    this.#since = now;
    this.#value += change;
    this.#max = Math.max(this.#max, this.#value);
  }

  /** Value times seconds up to now. */
  areaAt(now: number): number {
    return this.#area + this.#value * (now - this.#since);
  }

  /** Forgets what was greatest before. */
  resetMax(): void {
    this.#max = this.#value;
  }
}
