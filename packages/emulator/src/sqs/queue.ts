import type { EmulatorClock } from "../clock.ts";
import { Arrivals } from "./arrivals.ts";
import type { NewMessage, ReceivedMessage } from "./message.ts";
import type { MessageCounts, MessageStore, Moment } from "./message-store.ts";
import { MAX_VISIBILITY_SECONDS, type QueueSettings } from "./queue-settings.ts";
import { parseReceiptHandle } from "./receipt-handle.ts";
import { invalidParameter, SqsError } from "./sqs-error.ts";

export interface ReceiveOptions {
  readonly limit: number;
  readonly visibilityTimeoutSeconds: number;
}

export interface LongPoll {
  /** Real time; Infinity waits for as long as it takes. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

const NOT_THERE = "Message does not exist or is not available for visibility timeout change.";

/** A standard queue: at least once, in no promised order. */
export class Queue {
  readonly settings: QueueSettings;
  /** Where messages go that were received too often. */
  deadLetter: Queue | undefined;
  readonly #store: MessageStore;
  readonly #clock: EmulatorClock;
  readonly #arrivals: Arrivals;

  constructor(settings: QueueSettings, store: MessageStore, clock: EmulatorClock) {
    this.settings = settings;
    this.#store = store;
    this.#clock = clock;
    const { name } = settings;
    const hasVisible = () => this.hasVisible();
    const nextVisibleMs = () => store.nextVisibleMs(name, this.#moment());
    this.#arrivals = new Arrivals({ hasVisible, nextVisibleMs }, clock);
  }

  /** Durable when it returns. */
  send(messages: readonly NewMessage[], { copies = 1 } = {}): void {
    this.#store.add(this.settings.name, messages, { nowMs: this.#clock.now(), copies });
    this.#arrivals.changed();
  }

  /** What is visible now. @throws SqsError OverLimit when too many messages are in flight */
  receive({ limit, visibilityTimeoutSeconds }: ReceiveOptions): ReceivedMessage[] {
    const { name } = this.settings;
    const moment = this.#moment();
    this.#bury(moment);
    const room = this.#room(moment);
    if (room <= 0) throw new SqsError("OverLimit");
    const hiddenUntilMs = moment.nowMs + visibilityTimeoutSeconds * 1000;
    const options = { limit: Math.min(limit, room), hiddenUntilMs };
    const received = this.#store.receive(name, moment, options);
    if (visibilityTimeoutSeconds === 0) this.#arrivals.changed();
    return received;
  }

  /** Whether `receive` would find anything. */
  hasVisible(): boolean {
    const moment = this.#moment();
    this.#bury(moment);
    return this.#store.hasVisible(this.settings.name, moment) && this.#room(moment) > 0;
  }

  /** Waits until there may be something to receive. */
  async wait(poll: LongPoll): Promise<void> {
    await this.#arrivals.wait(poll);
  }

  /** Deletes the message if this handle is of its last receive; an older one does nothing. */
  delete(receiptHandle: string): void {
    this.#store.remove(parseReceiptHandle(receiptHandle, this.settings.name));
    this.#arrivals.changed();
  }

  /**
   * Hides the message for so long from now, 0: not at all.
   * @throws SqsError ReceiptHandleIsInvalid, InvalidParameterValue, MessageNotInflight
   */
  changeVisibility(receiptHandle: string, seconds: number): void {
    const receipt = parseReceiptHandle(receiptHandle, this.settings.name);
    const moment = this.#moment();
    const message = this.#store.find(receipt, moment);
    if (message === undefined) throw invalidParameter("ReceiptHandle", receiptHandle, NOT_THERE);
    if (message.visibleMs <= moment.nowMs) throw new SqsError("MessageNotInflight");
    const untilMs = moment.nowMs + seconds * 1000;
    if (untilMs > message.receivedMs + MAX_VISIBILITY_SECONDS * 1000) {
      const reason = `Total VisibilityTimeout for the message is beyond the limit [${MAX_VISIBILITY_SECONDS} seconds].`;
      throw invalidParameter("VisibilityTimeout", seconds, reason);
    }
    this.#store.hide(receipt, untilMs);
    this.#arrivals.changed();
  }

  /** What was received comes once more, whether it is deleted meanwhile or not. */
  duplicate(received: readonly ReceivedMessage[]): void {
    const { name } = this.settings;
    const receipts = received.map(({ receiptHandle }) => parseReceiptHandle(receiptHandle, name));
    this.#store.copy(receipts, this.#clock.now());
    this.#arrivals.changed();
  }

  purge(): void {
    this.#store.purge(this.settings.name);
  }

  /** Deletes what is past its retention, which is never shown anyway; returns how many. */
  sweep(): number {
    return this.#store.expire(this.settings.name, this.#moment().expiredMs);
  }

  counts(): MessageCounts {
    return this.#store.counts(this.settings.name, this.#moment());
  }

  close(): void {
    this.#arrivals.close();
  }

  #moment(): Moment {
    const nowMs = this.#clock.now();
    return { nowMs, expiredMs: nowMs - this.settings.retentionSeconds * 1000 };
  }

  /** How many more messages may be in flight. */
  #room(moment: Moment): number {
    const { name, inFlightLimit } = this.settings;
    return inFlightLimit - this.#store.counts(name, moment).inFlight;
  }

  #bury(moment: Moment): void {
    const { name, arn, redrive } = this.settings;
    if (redrive === undefined || this.deadLetter === undefined) return;
    const { maxReceiveCount } = redrive;
    const target = { queue: this.deadLetter.settings.name, sourceArn: arn, maxReceiveCount };
    if (this.#store.bury(name, moment, target) > 0) this.deadLetter.#arrivals.changed();
  }
}
