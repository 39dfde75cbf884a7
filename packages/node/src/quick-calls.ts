/** What the system has in memory it tells in microseconds; who waits longer waits for a disk or a network. */
const SLOW_MS = 0.1;
/** Of so many calls in a row two are slow: one alone was only interrupted, by the garbage collector or another process. */
const WINDOW = 16;
/** So many calls have threads then. */
const ASIDE = 32;

/**
 * Calls of the file system that have threads only while it is slow: handing one over takes several times as long as a
 * quick one.
 */
export class QuickCalls {
  readonly #nowMs: () => number;
  #aside = 0;
  /** Calls until the last slow one is forgotten. */
  #suspicion = 0;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** The call's answer; undefined, and nothing was called, while the file system is slow: then it is to have a thread. */
  now<Answer>(call: () => Answer): Answer | undefined {
    if (this.#aside > 0) {
      this.#aside -= 1;
      return undefined;
    }
    const started = this.#nowMs();
    try {
      return call();
    } finally {
      this.#note(this.#nowMs() - started > SLOW_MS);
    }
  }

  #note(isSlow: boolean): void {
    if (isSlow && this.#suspicion > 0) this.#aside = ASIDE;
    this.#suspicion = isSlow ? WINDOW : Math.max(0, this.#suspicion - 1);
  }
}

/** Of this process: the folders it works on mostly lie on one disk. */
export const quickCalls = new QuickCalls();
