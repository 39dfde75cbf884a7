/** A streamed response goes at full speed for its first 10 MB, then at 2 MB/s. */
export interface BandwidthLimit {
  readonly freeBytes: number;
  readonly bytesPerSecond: number;
}

export const AWS_BANDWIDTH: BandwidthLimit = {
  freeBytes: 10 * 1024 * 1024,
  bytesPerSecond: 2 * 1024 * 1024,
};

/** Paces one response: says how long to wait after each write. */
export class Pacer {
  readonly #limit: BandwidthLimit;
  #free: number;
  #paidUntilMs = 0;

  constructor(limit: BandwidthLimit) {
    this.#limit = limit;
    this.#free = limit.freeBytes;
  }

  /** Milliseconds to wait at `nowMs` before writing more, after `bytes` were written. */
  wrote(bytes: number, nowMs: number): number {
    const free = Math.min(this.#free, bytes);
    this.#free -= free;
    if (bytes === free) return 0;
    const cost = ((bytes - free) / this.#limit.bytesPerSecond) * 1_000;
    this.#paidUntilMs = Math.max(this.#paidUntilMs, nowMs) + cost;
    return this.#paidUntilMs - nowMs;
  }
}
