import { setTimeout as sleep } from "node:timers/promises";
import type { EmulatorClock } from "../clock.ts";
import type { RuleTemplate } from "../template.ts";
import type { CloudEvent } from "./cloud-event.ts";

export interface DeliveryRetry {
  readonly maxAttempts: number;
  /** First wait after a failed delivery; doubles up to `maxDelayMs`. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** By the emulator's clock; older events are dropped. */
  readonly maxAgeMs: number;
}

/** Source: EventBridge User Guide, "How EventBridge retries delivering events". */
export const AWS_DELIVERY_RETRY: DeliveryRetry = {
  maxAttempts: 185,
  firstDelayMs: 1_000,
  maxDelayMs: 15 * 60_000,
  maxAgeMs: 24 * 60 * 60_000,
};

export interface DroppedEvent {
  readonly rule: string;
  readonly event: CloudEvent;
  readonly cause: unknown;
}

export interface EventsOptions {
  readonly rules: readonly RuleTemplate[];
  /** Delivers to a target; rejects when it was not accepted. */
  readonly invoke: (functionName: string, event: CloudEvent) => Promise<void>;
  readonly clock: EmulatorClock;
  readonly retry?: DeliveryRetry;
  readonly onDropped?: (event: DroppedEvent) => void;
}

/** A rule's name, and the function that it invokes. */
export type EventTarget = Pick<RuleTemplate, "name" | "functionName">;

export interface Events {
  /** Returns at once; targets of matching rules are invoked at least once each, in no certain order. */
  publish(event: CloudEvent): void;
  /** As `publish`, to one target, whatever its pattern: how a schedule's event goes out. */
  send(target: EventTarget, event: CloudEvent): void;
  /** The next `times` deliveries are each made twice, as EventBridge now and then does. */
  duplicate(times: number): void;
  /** Resolves when no delivery is left, retries included. */
  drain(): Promise<void>;
  /** Gives up what is left. */
  close(): void;
}

/** Events between services: rules by source and detail type, functions as targets. */
export function startEvents(options: EventsOptions): Events {
  return new Dispatcher(options);
}

class Dispatcher implements Events {
  readonly #options: EventsOptions;
  readonly #retry: DeliveryRetry;
  readonly #pending = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #duplicates = 0;

  constructor(options: EventsOptions) {
    this.#options = options;
    this.#retry = options.retry ?? AWS_DELIVERY_RETRY;
  }

  publish(event: CloudEvent): void {
    for (const rule of this.#options.rules) {
      if (matches(rule, event)) this.send(rule, event);
    }
  }

  send(target: EventTarget, event: CloudEvent): void {
    this.#start(target, event);
    if (this.#duplicates === 0) return;
    this.#duplicates -= 1;
    this.#start(target, event);
  }

  duplicate(times: number): void {
    this.#duplicates += times;
  }

  async drain(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  close(): void {
    this.#closing.abort();
  }

  #start(rule: EventTarget, event: CloudEvent): void {
    const delivery = this.#deliver(rule, event).finally(() => this.#pending.delete(delivery));
    this.#pending.add(delivery);
  }

  async #deliver(rule: EventTarget, event: CloudEvent): Promise<void> {
    const publishedAt = this.#options.clock.now();
    let delayMs = this.#retry.firstDelayMs;
    for (let attempt = 1; !this.#closing.signal.aborted; attempt += 1) {
      const cause = await this.#attempt(rule, event);
      if (cause === undefined) return;
      const ageMs = this.#options.clock.now() - publishedAt;
      if (attempt >= this.#retry.maxAttempts || ageMs >= this.#retry.maxAgeMs) {
        this.#options.onDropped?.({ rule: rule.name, event, cause });
        return;
      }
      await this.#wait(delayMs);
      delayMs = Math.min(2 * delayMs, this.#retry.maxDelayMs);
    }
  }

  /** Undefined: delivered. */
  async #attempt(rule: EventTarget, event: CloudEvent): Promise<Error | undefined> {
    try {
      await this.#options.invoke(rule.functionName, structuredClone(event));
      return undefined;
    } catch (cause) {
      return cause instanceof Error ? cause : new Error(String(cause));
    }
  }

  async #wait(ms: number): Promise<void> {
    const { signal } = this.#closing;
    await sleep(ms, undefined, { signal }).catch((cause: unknown) => {
      if (!signal.aborted) throw cause;
    });
  }
}

/** EventBridge User Guide, "Event patterns": every field named must have one of its values. */
function matches({ source, detailType, detail = {} }: RuleTemplate, event: CloudEvent): boolean {
  if (source !== event.source || detailType !== event["detail-type"]) return false;
  return Object.entries(detail).every(([field, values]) => {
    const value = event.detail[field];
    return typeof value === "string" && values.includes(value);
  });
}
