import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { MessageDetail, NewMessage, ReceivedMessage } from "./message.ts";
import { type Receipt, toReceiptHandle } from "./receipt-handle.ts";

export interface MessageCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** Times are epoch milliseconds; `expiredMs`: messages sent then or before are past their retention. */
export interface Moment {
  readonly nowMs: number;
  readonly expiredMs: number;
}

interface Row {
  readonly seq: number;
  readonly id: string;
  readonly body: string;
  readonly detail: string;
  readonly sent_ms: number;
  readonly visible_ms: number;
  readonly receives: number;
  readonly first_received_ms: number | null;
  readonly received_ms: number | null;
  readonly dead_letter_source: string | null;
}

const STATEMENTS = {
  insert:
    "INSERT INTO message (queue, id, body, detail, sent_ms, visible_ms, receives) VALUES (?, ?, ?, ?, ?, ?, 0)",
  visible:
    "SELECT * FROM message WHERE queue = ? AND visible_ms <= ? AND sent_ms > ? ORDER BY visible_ms, seq LIMIT ?",
  find: "SELECT * FROM message WHERE seq = ? AND queue = ? AND receives = ? AND sent_ms > ?",
  next: "SELECT min(visible_ms) AS ms FROM message WHERE queue = ? AND visible_ms > ? AND sent_ms > ?",
  receive:
    "UPDATE message SET visible_ms = ?, receives = ?, received_ms = ?, first_received_ms = ? WHERE seq = ?",
  hide: "UPDATE message SET visible_ms = ? WHERE seq = ?",
  bury: `UPDATE message SET queue = ?, visible_ms = ?, dead_letter_source = ?
    WHERE queue = ? AND visible_ms <= ? AND sent_ms > ? AND receives >= ?`,
  some: "SELECT 1 FROM message WHERE queue = ? AND visible_ms <= ? AND sent_ms > ? LIMIT 1",
  copy: `INSERT INTO message (queue, id, body, detail, sent_ms, visible_ms, receives, first_received_ms, dead_letter_source)
    SELECT queue, id, body, detail, sent_ms, ?, receives, first_received_ms, dead_letter_source FROM message WHERE seq = ?`,
  remove: "DELETE FROM message WHERE seq = ? AND queue = ? AND receives = ?",
  purge: "DELETE FROM message WHERE queue = ?",
  expire: "DELETE FROM message WHERE queue = ? AND sent_ms <= ?",
  counts: `SELECT count(*) FILTER (WHERE visible_ms <= $now) AS visible,
    count(*) FILTER (WHERE visible_ms > $now AND receives > 0) AS inFlight,
    count(*) FILTER (WHERE visible_ms > $now AND receives = 0) AS delayed
    FROM message WHERE queue = $queue AND sent_ms > $expired`,
} as const;

/** The messages of every queue in one SQLite file; each method is one transaction. */
export class MessageStore {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<keyof typeof STATEMENTS, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Stores messages, `copies` of each. */
  add(queue: string, messages: readonly NewMessage[], at: { nowMs: number; copies: number }): void {
    this.#transact(() => {
      for (const { id, body, detail, delaySeconds } of messages) {
        const visibleMs = at.nowMs + delaySeconds * 1000;
        for (let copy = 0; copy < at.copies; copy += 1) {
          this.#run("insert", queue, id, body, JSON.stringify(detail), at.nowMs, visibleMs);
        }
      }
    });
  }

  /** Hands out up to `limit` visible messages and hides them until `hiddenUntilMs`. */
  receive(
    queue: string,
    moment: Moment,
    options: { readonly limit: number; readonly hiddenUntilMs: number },
  ): ReceivedMessage[] {
    return this.#transact(() =>
      this.#visible(queue, moment, options.limit).map((row) => {
        const receives = row.receives + 1;
        const firstReceivedMs = row.first_received_ms ?? moment.nowMs;
        const { hiddenUntilMs } = options;
        this.#run("receive", hiddenUntilMs, receives, moment.nowMs, firstReceivedMs, row.seq);
        return {
          id: row.id,
          body: row.body,
          detail: JSON.parse(row.detail) as MessageDetail,
          receiptHandle: toReceiptHandle({ queue, seq: row.seq, receives }),
          sentMs: row.sent_ms,
          firstReceivedMs,
          receives,
          ...(row.dead_letter_source !== null && { deadLetterSource: row.dead_letter_source }),
        };
      }),
    );
  }

  /** Moves visible messages that were received `maxReceiveCount` times; returns how many. */
  bury(
    queue: string,
    moment: Moment,
    target: {
      readonly queue: string;
      readonly sourceArn: string;
      readonly maxReceiveCount: number;
    },
  ): number {
    const { nowMs, expiredMs } = moment;
    const { sourceArn, maxReceiveCount } = target;
    const to = [target.queue, nowMs, sourceArn] as const;
    return Number(this.#run("bury", ...to, queue, nowMs, expiredMs, maxReceiveCount).changes);
  }

  /** Puts a second copy of what these receipts stand for into the queue, visible at once. */
  copy(receipts: readonly Receipt[], nowMs: number): void {
    this.#transact(() => {
      for (const { seq } of receipts) this.#run("copy", nowMs, seq);
    });
  }

  /** When the receipt is its message's last one: since when and until when it is in flight. */
  find(
    receipt: Receipt,
    { expiredMs }: Moment,
  ): { receivedMs: number; visibleMs: number } | undefined {
    const { seq, queue, receives } = receipt;
    const row = this.#statement("find").get(seq, queue, receives, expiredMs) as Row | undefined;
    return row && { receivedMs: row.received_ms ?? row.sent_ms, visibleMs: row.visible_ms };
  }

  hide({ seq }: Receipt, untilMs: number): void {
    this.#run("hide", untilMs, seq);
  }

  /** Deletes the message if this is its last receipt; otherwise nothing. */
  remove({ seq, queue, receives }: Receipt): void {
    this.#run("remove", seq, queue, receives);
  }

  purge(queue: string): void {
    this.#run("purge", queue);
  }

  /** Deletes what is past its retention; returns how many. */
  expire(queue: string, expiredMs: number): number {
    return Number(this.#run("expire", queue, expiredMs).changes);
  }

  hasVisible(queue: string, { nowMs, expiredMs }: Moment): boolean {
    return this.#statement("some").get(queue, nowMs, expiredMs) !== undefined;
  }

  /** When the next hidden message becomes visible. */
  nextVisibleMs(queue: string, { nowMs, expiredMs }: Moment): number | undefined {
    const row = this.#statement("next").get(queue, nowMs, expiredMs);
    return row?.ms == null ? undefined : Number(row.ms);
  }

  counts(queue: string, { nowMs, expiredMs }: Moment): MessageCounts {
    const row = this.#statement("counts").get({ queue, now: nowMs, expired: expiredMs });
    return {
      visible: Number(row?.visible),
      inFlight: Number(row?.inFlight),
      delayed: Number(row?.delayed),
    };
  }

  #visible(queue: string, { nowMs, expiredMs }: Moment, limit: number): Row[] {
    return this.#statement("visible").all(queue, nowMs, expiredMs, limit) as unknown as Row[];
  }

  #statement(name: keyof typeof STATEMENTS): StatementSync {
    const known = this.#statements.get(name);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(STATEMENTS[name]);
    this.#statements.set(name, statement);
    return statement;
  }

  #run(name: keyof typeof STATEMENTS, ...values: readonly (string | number)[]) {
    return this.#statement(name).run(...values);
  }

  #transact<T>(work: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (cause) {
      this.#database.exec("ROLLBACK");
      throw cause;
    }
  }
}
