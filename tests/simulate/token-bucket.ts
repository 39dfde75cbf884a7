export interface Rate {
  /** The most at once. */
  readonly burst: number;
  readonly perSecond: number;
}

/** AWS's throttle: tokens come steadily, as many as the burst are kept. Time is given, in seconds. */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #at: number;

  constructor(rate: Rate, start = 0) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#at = start;
  }

  take(now: number): boolean {
    if (this.#rate.burst === Number.POSITIVE_INFINITY) return true;
    this.#fill(now);
    if (this.#tokens < 1 - ROUNDING) return false;
    this.#tokens -= 1;
    return true;
  }

  /** When the next token is there. */
  readyAt(now: number): number {
    if (this.#rate.burst === Number.POSITIVE_INFINITY) return now;
    this.#fill(now);
    return now + Math.max(0, 1 - this.#tokens) / this.#rate.perSecond;
  }

  #fill(now: number): void {
    const { burst, perSecond } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#at) * perSecond);
    this.#at = now;
  }
}

/** Sums of tenths are not exact. */
const ROUNDING = 1e-9;
