/** What becomes of one call of a store. */
export type Fate =
  | "done"
  /** It fails before it takes effect: throttled, say. */
  | "refused"
  /** It takes effect, the answer is lost. */
  | "answer-lost"
  /** It fails, and takes effect afterwards. */
  | "late"
  /** The process dies at it, before or after it takes effect. */
  | "dies-before"
  | "dies-after";

const FAILURES: readonly Fate[] = ["refused", "refused", "answer-lost", "answer-lost", "late"];
const DEATHS: readonly Fate[] = ["dies-before", "dies-after"];

/** How many calls a burst hits, at most, and how likely each is. */
const BURST_CALLS = 12;
const BURST_RATE = 0.6;

export interface Climate {
  /** Of calls that fail. */
  readonly failures: number;
  /** Of calls at which a process dies. */
  readonly deaths: number;
  /** Of calls that begin a burst: everybody is throttled for a while. */
  readonly bursts: number;
}

export const FAIR: Climate = { failures: 0, deaths: 0, bursts: 0 };

/** Draws the fate of each call. */
export class Weather {
  /** Calls that did not end as they should. */
  hits = 0;
  readonly #climate: Climate;
  readonly #random: () => number;
  #burst = 0;

  constructor(climate: Climate, random: () => number) {
    this.#climate = climate;
    this.#random = random;
  }

  draw(): Fate {
    const fate = this.#draw();
    if (fate !== "done") this.hits += 1;
    return fate;
  }

  #draw(): Fate {
    const { failures, deaths, bursts } = this.#climate;
    const at = this.#random();
    if (this.#burst > 0) {
      this.#burst -= 1;
      if (at < BURST_RATE) return "refused";
    }
    if (at < failures) return this.#one(FAILURES);
    if (at < failures + deaths) return this.#one(DEATHS);
    if (at < failures + deaths + bursts) this.#burst = BURST_CALLS;
    return "done";
  }

  #one(fates: readonly Fate[]): Fate {
    return fates[Math.floor(this.#random() * fates.length)] ?? "refused";
  }
}
