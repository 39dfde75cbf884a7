import { setTimeout as sleep } from "node:timers/promises";
import type { FaultAction, FaultPlan } from "../faults/fault-plan.ts";
import type { ReceivedMessage } from "./message.ts";
import type { Queue } from "./queue.ts";
import { type SqsUsage, usageOf } from "./sqs-api.ts";

export interface PolledQueueParts {
  readonly queue: Queue;
  readonly faults: FaultPlan;
  readonly requests: ((usage: SqsUsage) => void) | undefined;
  /** After a request that failed, before the next one. */
  readonly retryMs: number;
}

export interface Poll {
  readonly limit: number;
  /** Real time; Infinity waits for as long as it takes. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/**
 * A queue as Lambda's pollers use it: the same requests with the same faults and the same account as a
 * client's, without the wire. Long polls that find nothing are neither made nor counted.
 */
export class PolledQueue {
  readonly #parts: PolledQueueParts;

  constructor(parts: PolledQueueParts) {
    this.#parts = parts;
  }

  get arn(): string {
    return this.#parts.queue.settings.arn;
  }

  get visibilityTimeoutSeconds(): number {
    return this.#parts.queue.settings.visibilityTimeoutSeconds;
  }

  /** Waits for messages; none when the time is over or `signal` aborts. */
  async poll({ limit, waitMs, signal }: Poll): Promise<ReceivedMessage[]> {
    const { queue } = this.#parts;
    const until = performance.now() + waitMs;
    while (!signal.aborted) {
      const messages = queue.hasVisible() ? await this.#receive(limit, signal) : [];
      const leftMs = until - performance.now();
      if (messages.length > 0 || leftMs <= 0) return messages;
      await queue.wait({ waitMs: leftMs, signal });
    }
    return [];
  }

  /** DeleteMessageBatch until it succeeds. */
  async delete(messages: readonly ReceivedMessage[], signal: AbortSignal): Promise<void> {
    for (let from = 0; from < messages.length; ) {
      const entries = messages.slice(from, from + 10);
      const deleted = await this.#deleteOnce(entries, signal);
      if (signal.aborted) return;
      if (deleted) from += entries.length;
    }
  }

  /** False: refused, or the answer got lost; asking again does no harm. */
  async #deleteOnce(entries: readonly ReceivedMessage[], signal: AbortSignal): Promise<boolean> {
    const fault = await this.#meet("DeleteMessageBatch", signal);
    if (fault === "failed" || signal.aborted) return false;
    for (const { receiptHandle } of entries) this.#parts.queue.delete(receiptHandle);
    this.#count("DeleteMessageBatch", entries.length * HANDLE_BYTES, 0);
    return fault?.kind !== "lose-answer";
  }

  /** Empty when another was quicker, or when what was received got lost on its way. */
  async #receive(limit: number, signal: AbortSignal): Promise<ReceivedMessage[]> {
    const fault = await this.#meet("ReceiveMessage", signal);
    if (fault === "failed" || signal.aborted || !this.#parts.queue.hasVisible()) return [];
    const { queue } = this.#parts;
    const { visibilityTimeoutSeconds } = queue.settings;
    const messages = queue.receive({ limit, visibilityTimeoutSeconds });
    if (fault?.kind === "duplicate") queue.duplicate(messages);
    const bytes = messages.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
    this.#count("ReceiveMessage", 0, bytes);
    return fault?.kind === "lose-answer" ? [] : messages;
  }

  /** Draws a fault for a request; a refused one is counted and waited for. */
  async #meet(operation: string, signal: AbortSignal): Promise<FaultAction | "failed" | undefined> {
    const fault = this.#parts.faults.draw("sqs", operation);
    if (fault?.kind === "delay") await pause(fault.ms, signal);
    if (fault?.kind !== "throttle" && fault?.kind !== "error") return fault;
    this.#count(operation, 0, 0, fault.kind === "throttle" ? 403 : 500);
    await pause(this.#parts.retryMs, signal);
    return "failed";
  }

  #count(operation: string, bytesIn: number, bytesOut: number, status = 200): void {
    const queue = this.#parts.queue.settings.name;
    this.#parts.requests?.(usageOf({ operation, queue, bytesIn, bytesOut, status }));
  }
}

/** Of an entry of a DeleteMessageBatch on the wire, about. */
const HANDLE_BYTES = 100;

/** Ends early when `signal` aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((cause: unknown) => {
    if (!signal.aborted) throw cause;
  });
}
