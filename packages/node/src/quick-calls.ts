/** What the system has in memory it tells in microseconds; who waits longer waits for a disk or a network. */
const SLOW_MS = 0.1;
/** So many calls have threads after one that was slow. */
const ASIDE = 32;

/**
 * Calls of the file system that have threads only while it is slow: handing one over takes several times as long as a
 * quick one.
 */
class QuickCalls {
  #aside = 0;

  /** The call's answer; undefined, and nothing was called, while the file system is slow: then it is to have a thread. */
  now<Answer>(call: () => Answer): Answer | undefined {
    if (this.#aside > 0) {
      this.#aside -= 1;
      return undefined;
    }
    const started = performance.now();
    try {
      return call();
    } finally {
      if (performance.now() - started > SLOW_MS) this.#aside = ASIDE;
    }
  }
}

/** Of this process: the folders it works on mostly lie on one disk. */
export const quickCalls = new QuickCalls();
