import type { Clock } from "../lib/clock.ts";

/** A tool's time, in milliseconds: it does not pass while the tool waits for an answer. */
export class TimeLimit {
  readonly #clock: Clock;
  readonly #deadline: number;
  #until: number;
  #waiting = 0;
  #since = 0;
  /** Aborts when the time left has to be reckoned anew. */
  #changed = new AbortController();

  /** `deadline`: since the epoch, whoever is waited for. */
  constructor(clock: Clock, timeoutMs: number, deadline: number) {
    this.#clock = clock;
    this.#deadline = deadline;
    this.#until = Math.min(deadline, clock.now() + timeoutMs);
  }

  /** Since the epoch, as things stand. */
  get until(): number {
    return this.#until;
  }

  /** The time of `wait` does not count. */
  async while<T>(wait: Promise<T>): Promise<T> {
    if (this.#waiting === 0) this.#since = this.#clock.now();
    this.#waiting += 1;
    this.#change();
    try {
      return await wait;
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) {
        const waited = this.#clock.now() - this.#since;
        this.#until = Math.min(this.#deadline, this.#until + waited);
      }
      this.#change();
    }
  }

  /** Returns when the time is over, or the signal aborts. */
  async over(signal: AbortSignal): Promise<void> {
    for (;;) {
      const changed = this.#changed.signal;
      const end = this.#waiting > 0 ? this.#deadline : this.#until;
      await this.#clock.sleep(end - this.#clock.now(), AbortSignal.any([signal, changed]));
      if (signal.aborted || !changed.aborted) return;
    }
  }

  #change(): void {
    this.#changed.abort();
    this.#changed = new AbortController();
  }
}
