import type { EmulatorClock } from "../clock.ts";
import type { Invocation, LambdaInvoker } from "../gateway/lambda-invoker.ts";
import type { ReceivedMessage } from "../sqs/message.ts";
import { type PolledQueue, pause } from "../sqs/polled-queue.ts";
import type { EventSourceTemplate } from "../template.ts";
import { type BatchVerdict, judgeBatchResponse } from "./batch-response-policy.ts";
import { toRecord } from "./sqs-event.ts";

/** One batch as it ended. */
export interface BatchReport {
  readonly queue: string;
  readonly function: string;
  readonly messages: number;
  /** Of them, those that come again when their visibility timeout is over. */
  readonly failed: number;
  /** Why; absent: none failed, or the function named them. */
  readonly reason?: string;
}

export interface EventSourceParts {
  readonly template: EventSourceTemplate;
  readonly queue: PolledQueue;
  readonly region: string;
  readonly functions: LambdaInvoker;
  readonly clock: EmulatorClock;
  /** First wait after Lambda refused a batch; doubles up to a minute. */
  readonly throttleDelayMs: number;
  readonly onBatch: ((report: BatchReport) => void) | undefined;
}

/** One ReceiveMessage. */
const RECEIVE_LIMIT = 10;
/** What a synchronous invocation may carry (Lambda quotas). */
const PAYLOAD_BYTES = 6 * 1024 * 1024;
const MAX_THROTTLE_DELAY_MS = 60_000;
/** Lambda begins with five batches at a time ("Configuring scaling behavior for SQS event source mappings"). */
const CONCURRENCY = 5;

interface PolledMessage {
  readonly message: ReceivedMessage;
  /** When it becomes visible again, by the emulator's clock. */
  readonly hiddenUntilMs: number;
  readonly record: ReturnType<typeof toRecord>;
  readonly bytes: number;
}

/** An event source mapping: so many pollers, each with one batch at a time. They wait without any cost. */
export class EventSource {
  readonly #parts: EventSourceParts;
  readonly #closing = new AbortController();

  constructor(parts: EventSourceParts) {
    this.#parts = parts;
  }

  start(): void {
    const pollers = this.#parts.template.maximumConcurrency ?? CONCURRENCY;
    for (let index = 0; index < pollers; index += 1) {
      this.#run().catch((cause: unknown) => {
        // Lambda refuses everything once it closes; any other failure is a mistake of the emulator's.
        if (!this.#closing.signal.aborted) throw cause;
      });
    }
  }

  /** Takes no further message. What a function still works on comes again after its visibility timeout. */
  close(): void {
    this.#closing.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    /** Received, but too much for the batch before. */
    let left: PolledMessage[] = [];
    while (!signal.aborted) {
      const gathered = await this.#gather(left);
      const batch = fitting(gathered);
      left = gathered.slice(batch.length);
      if (batch.length > 0 && !signal.aborted) await this.#process(batch);
    }
  }

  /** Waits for a first message, then as long as the window lets it for more. */
  async #gather(left: readonly PolledMessage[]): Promise<PolledMessage[]> {
    const { batchSize = 10, batchingWindowSeconds = 0 } = this.#parts.template;
    const gathered = [...left];
    if (gathered.length === 0) gathered.push(...(await this.#poll(batchSize, Infinity)));
    const until = performance.now() + batchingWindowSeconds * 1000;
    while (gathered.length < batchSize && fitting(gathered).length === gathered.length) {
      const waitMs = until - performance.now();
      if (waitMs <= 0 || this.#closing.signal.aborted) break;
      gathered.push(...(await this.#poll(batchSize - gathered.length, waitMs)));
    }
    return gathered;
  }

  async #poll(wanted: number, waitMs: number): Promise<PolledMessage[]> {
    const { queue, region, clock } = this.#parts;
    const limit = Math.min(wanted, RECEIVE_LIMIT);
    const messages = await queue.poll({ limit, waitMs, signal: this.#closing.signal });
    const hiddenUntilMs = clock.now() + queue.visibilityTimeoutSeconds * 1000;
    return messages.map((message) => {
      const record = toRecord(message, { arn: queue.arn, region });
      return { message, hiddenUntilMs, record, bytes: Buffer.byteLength(JSON.stringify(record)) };
    });
  }

  async #process(batch: readonly PolledMessage[]): Promise<void> {
    const invocation = await this.#invoke(batch);
    const { signal } = this.#closing;
    if (signal.aborted) return;
    const verdict = this.#judge(invocation, batch);
    const done = batch.filter(({ message }) => isDone(verdict, message.id));
    await this.#parts.queue.delete(
      done.map(({ message }) => message),
      signal,
    );
    const { template, onBatch } = this.#parts;
    onBatch?.({
      queue: template.queue,
      function: template.functionName,
      messages: batch.length,
      failed: batch.length - done.length,
      ...(verdict.kind === "failure" && { reason: verdict.reason }),
    });
  }

  /**
   * A throttled batch is tried again until its messages become visible to others; then it is dropped
   * (Lambda Developer Guide, "Backoff strategy for failed invocations").
   */
  async #invoke(batch: readonly PolledMessage[]): Promise<Invocation> {
    const { functions, template, clock } = this.#parts;
    const { signal } = this.#closing;
    const event = { Records: batch.map(({ record }) => record) };
    const untilMs = Math.min(...batch.map(({ hiddenUntilMs }) => hiddenUntilMs));
    let delayMs = this.#parts.throttleDelayMs;
    for (;;) {
      const invocation = await functions.invoke(template.functionName, event, { streaming: false });
      const again = invocation.kind === "throttled" && clock.now() + delayMs < untilMs;
      if (again) await pause(delayMs, signal);
      if (!again || signal.aborted) return invocation;
      delayMs = Math.min(2 * delayMs, MAX_THROTTLE_DELAY_MS);
    }
  }

  #judge(invocation: Invocation, batch: readonly PolledMessage[]): BatchVerdict {
    switch (invocation.kind) {
      case "buffered": {
        if (!this.#parts.template.reportBatchItemFailures) return { kind: "success" };
        const ids = new Set(batch.map(({ message }) => message.id));
        return judgeBatchResponse(invocation.payload, ids);
      }
      case "function-error":
        return { kind: "failure", reason: `${invocation.errorType}: ${invocation.message}` };
      case "throttled":
        return { kind: "failure", reason: "TooManyRequestsException" };
      case "stream":
        return { kind: "failure", reason: "The answer is a stream." };
    }
  }
}

function isDone(verdict: BatchVerdict, id: string): boolean {
  if (verdict.kind === "partial") return !verdict.failedIds.has(id);
  return verdict.kind === "success";
}

/** As many of the first messages as one event can carry, at least one. */
function fitting(messages: readonly PolledMessage[]): readonly PolledMessage[] {
  let bytes = '{"Records":[]}'.length;
  const over = messages.findIndex((each) => {
    bytes += each.bytes + 1;
    return bytes > PAYLOAD_BYTES;
  });
  return over < 0 ? messages : messages.slice(0, Math.max(1, over));
}
