/** The local cloud's clock: real time plus what a test moved it by. Milliseconds since the epoch. */
export class EmulatorClock {
  #offsetMs = 0;

  now(): number {
    return Date.now() + this.#offsetMs;
  }

  /** Moves the clock; negative goes back. Lambda and task processes keep the machine's own clock. */
  advance(ms: number): void {
    this.#offsetMs += ms;
  }
}
