/** The local cloud's clock: real time plus what a test moved it by. Milliseconds since the epoch. */
export class EmulatorClock {
  #offsetMs = 0;
  readonly #listeners = new Set<() => void>();

  now(): number {
    return Date.now() + this.#offsetMs;
  }

  /** Moves the clock; negative goes back. Lambda and task processes keep the machine's own clock. */
  advance(ms: number): void {
    this.#offsetMs += ms;
    for (const listener of [...this.#listeners]) listener();
  }

  /** Calls `listener` whenever the clock was moved: what waits for a time waits anew. Returns how to stop. */
  onAdvance(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
