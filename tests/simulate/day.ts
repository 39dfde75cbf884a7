const DAY_S = 86_400;
const HOUR_S = 3600;
const STEPS = 1440;

/**
 * How busy a moment of the day is, 1 on the average of a day: a bell around one hour that never falls
 * to nothing, exp(k cos), with k chosen so that its top is `peak`.
 */
export class Day {
  readonly #sharpness: number;
  readonly #mean: number;
  readonly #peakHour: number;

  constructor(peak: number, peakHour = 14) {
    this.#peakHour = peakHour;
    this.#sharpness = solve(peak);
    this.#mean = meanOf(this.#sharpness);
  }

  get peakAt(): number {
    return this.#peakHour * HOUR_S;
  }

  /** Of a moment in seconds since midnight; the days are alike. */
  at(seconds: number): number {
    const angle = (2 * Math.PI * (seconds - this.peakAt)) / DAY_S;
    return Math.exp(this.#sharpness * Math.cos(angle)) / this.#mean;
  }

  /** How much of a day's work falls between two moments; 1 for a whole day. */
  share(from: number, to: number): number {
    const steps = Math.max(1, Math.ceil((to - from) / 60));
    const step = (to - from) / steps;
    let sum = 0;
    for (let count = 0; count < steps; count += 1) sum += this.at(from + (count + 0.5) * step);
    return (sum * step) / DAY_S;
  }
}

function meanOf(sharpness: number): number {
  let sum = 0;
  for (let step = 0; step < STEPS; step += 1) {
    sum += Math.exp(sharpness * Math.cos((2 * Math.PI * step) / STEPS));
  }
  return sum / STEPS;
}

function solve(peak: number): number {
  if (!(peak >= 1 && peak <= 10)) throw new RangeError("The peak is 1 to 10 times the average.");
  let [low, high] = [0, 50];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (Math.exp(middle) / meanOf(middle) < peak) low = middle;
    else high = middle;
  }
  return low;
}
