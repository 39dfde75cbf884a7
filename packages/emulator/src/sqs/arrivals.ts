import type { EmulatorClock } from "../clock.ts";

/** Node's longest timer; a later time is waited for in steps. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface ArrivalSource {
  /** Whether there is anything to receive. */
  readonly hasVisible: () => boolean;
  /** When the next hidden message becomes visible, by the clock. */
  readonly nextVisibleMs: () => number | undefined;
}

/** Wakes those who wait for a message: one timer while somebody waits, nothing while nobody does. */
export class Arrivals {
  readonly #source: ArrivalSource;
  readonly #clock: EmulatorClock;
  readonly #waiting = new Set<() => void>();
  readonly #stopFollowing: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: ArrivalSource, clock: EmulatorClock) {
    this.#source = source;
    this.#clock = clock;
    this.#stopFollowing = clock.onAdvance(() => this.changed());
  }

  /** To be called when messages came or their times changed. */
  changed(): void {
    clearTimeout(this.#timer);
    if (this.#waiting.size === 0) return;
    if (this.#source.hasVisible()) {
      for (const wake of this.#waiting) wake();
      return;
    }
    const nextMs = this.#source.nextVisibleMs();
    if (nextMs === undefined) return;
    const waitMs = Math.max(1, nextMs - this.#clock.now());
    this.#timer = setTimeout(() => this.changed(), Math.min(waitMs, MAX_TIMER_MS));
  }

  /**
   * Resolves when a message may be had, `waitMs` of real time have passed, or `signal` aborts. All who wait
   * are woken, the first to wait first; each looks for itself, as another may have been quicker.
   */
  async wait({ waitMs, signal }: { waitMs: number; signal: AbortSignal }): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    const timer = waitMs <= MAX_TIMER_MS ? setTimeout(wake, waitMs) : undefined;
    signal.addEventListener("abort", wake);
    this.#waiting.add(wake);
    this.changed();
    await promise;
    clearTimeout(timer);
    signal.removeEventListener("abort", wake);
    this.#waiting.delete(wake);
    if (this.#waiting.size === 0) clearTimeout(this.#timer);
  }

  close(): void {
    this.#stopFollowing();
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
    clearTimeout(this.#timer);
  }
}
