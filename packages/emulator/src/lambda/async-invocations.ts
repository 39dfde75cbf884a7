import { setTimeout as sleep } from "node:timers/promises";
import type { Outcome } from "./service-outcome.ts";

export interface AsyncRetry {
  /** Waits before the second and third attempt after a function error; AWS: 1 and 2 minutes. */
  readonly errorDelaysMs: readonly number[];
  /** First wait after a throttle or service error; doubles up to five minutes. */
  readonly throttleDelayMs: number;
  /** Events older than this are discarded; AWS: 6 hours. */
  readonly maxAgeMs: number;
}

export const AWS_ASYNC_RETRY: AsyncRetry = {
  errorDelaysMs: [60_000, 120_000],
  throttleDelayMs: 1_000,
  maxAgeMs: 6 * 60 * 60_000,
};

const MAX_THROTTLE_DELAY_MS = 5 * 60_000;

export interface DiscardedEvent {
  readonly function: string;
  readonly event: unknown;
  readonly reason: string;
}

export interface AsyncInvocationsOptions {
  readonly retry: AsyncRetry;
  readonly invoke: (functionName: string, event: unknown) => Promise<Outcome>;
  readonly onDiscarded: ((event: DiscardedEvent) => void) | undefined;
}

/**
 * Lambda's queue for asynchronous invocations: two more attempts after function errors, patience with
 * throttling (Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous
 * invocation"). It lives in memory: an event of a killed emulator is lost.
 */
export class AsyncInvocations {
  readonly #options: AsyncInvocationsOptions;
  readonly #pending = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(options: AsyncInvocationsOptions) {
    this.#options = options;
  }

  /** Resolves when the function has processed the event or the event was discarded. */
  submit(functionName: string, event: unknown): Promise<void> {
    const work = this.#process(functionName, event).finally(() => this.#pending.delete(work));
    this.#pending.add(work);
    return work;
  }

  /** Resolves when the queue is empty. */
  async drain(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  close(): void {
    this.#closing.abort();
  }

  async #process(functionName: string, event: unknown): Promise<void> {
    const { retry } = this.#options;
    const acceptedAt = performance.now();
    const errorDelays = [...retry.errorDelaysMs];
    let throttleDelay = retry.throttleDelayMs;
    while (!this.#closing.signal.aborted) {
      const outcome = await this.#options.invoke(functionName, event);
      const failure = await failureOf(outcome);
      if (failure === undefined) return;
      let delay = errorDelays[0];
      if (failure.byFunction) errorDelays.shift();
      else {
        delay = throttleDelay;
        throttleDelay = Math.min(2 * throttleDelay, MAX_THROTTLE_DELAY_MS);
      }
      const tooOld = performance.now() - acceptedAt + (delay ?? 0) > retry.maxAgeMs;
      if (delay === undefined || tooOld) return this.#discard(functionName, event, failure.reason);
      await this.#wait(delay);
    }
  }

  #discard(functionName: string, event: unknown, reason: string): void {
    this.#options.onDiscarded?.({ function: functionName, event, reason });
  }

  async #wait(ms: number): Promise<void> {
    const { signal } = this.#closing;
    await sleep(ms, undefined, { signal }).catch((cause: unknown) => {
      if (!signal.aborted) throw cause;
    });
  }
}

interface Failure {
  readonly byFunction: boolean;
  readonly reason: string;
}

async function failureOf(outcome: Outcome): Promise<Failure | undefined> {
  switch (outcome.kind) {
    case "buffered":
      return undefined;
    case "stream": {
      const { error } = await outcome.ended;
      return error && { byFunction: true, reason: `${error.type}: ${error.message}` };
    }
    case "function-error":
      return { byFunction: true, reason: `${outcome.errorType}: ${outcome.message}` };
    case "throttled":
      return { byFunction: false, reason: "TooManyRequestsException" };
    case "service-error":
      return { byFunction: false, reason: "ServiceException" };
  }
}
