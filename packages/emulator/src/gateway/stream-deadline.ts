/** Watches one streamed response: its whole length, and its silences. */
export class StreamDeadline {
  readonly #controller = new AbortController();
  readonly #total: NodeJS.Timeout;
  readonly #idle: NodeJS.Timeout;

  constructor({ responseMs, idleMs }: { responseMs: number; idleMs: number }) {
    this.#total = setTimeout(() => this.#expire("response"), responseMs);
    this.#idle = setTimeout(() => this.#expire("idle"), idleMs);
  }

  /** Aborted when a limit is reached; the reason is `"response"` or `"idle"`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** A byte came: silence starts anew. */
  touch(): void {
    if (!this.signal.aborted) this.#idle.refresh();
  }

  stop(): void {
    clearTimeout(this.#total);
    clearTimeout(this.#idle);
  }

  #expire(reason: "response" | "idle"): void {
    this.stop();
    this.#controller.abort(reason);
  }
}

/** The promise's value, or undefined once the signal is aborted. A rejection after that is not reported. */
export function before<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const onAbort = () => resolve(undefined);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  return Promise.race([promise, aborted]).finally(() =>
    signal.removeEventListener("abort", onAbort),
  );
}
