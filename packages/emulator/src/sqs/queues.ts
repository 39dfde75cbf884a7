import type { DatabaseSync } from "node:sqlite";
import type { EmulatorClock } from "../clock.ts";
import type { Place, QueueTemplate } from "../template.ts";
import { openDatabase } from "./database.ts";
import { MessageStore } from "./message-store.ts";
import { Queue } from "./queue.ts";
import { checkRedrive, toSettings } from "./queue-settings.ts";
import { SqsError } from "./sqs-error.ts";

/** Only one PurgeQueue every 60 seconds (SQS API Reference, "PurgeQueue"). */
const PURGE_INTERVAL_MS = 60_000;

export interface QueuesOptions {
  readonly dir: string;
  readonly queues: readonly QueueTemplate[];
  readonly place: Place;
  readonly clock: EmulatorClock;
}

/** The template's queues on one database. */
export class Queues {
  readonly #database: DatabaseSync;
  readonly #clock: EmulatorClock;
  readonly #queues: ReadonlyMap<string, Queue>;

  /** @throws QueueTemplateError; an SQLite error when another process holds the folder */
  constructor({ dir, queues, place, clock }: QueuesOptions) {
    checkRedrive(queues);
    const settings = queues.map((queue) => toSettings(queue, place));
    this.#database = openDatabase(dir);
    this.#clock = clock;
    const store = new MessageStore(this.#database);
    this.#queues = new Map(settings.map((each) => [each.name, new Queue(each, store, clock)]));
    const create = this.#database.prepare(
      "INSERT INTO queue (name, created_ms) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
    );
    for (const queue of this.#queues.values()) {
      const { name, redrive } = queue.settings;
      create.run(name, clock.now());
      if (redrive !== undefined) queue.deadLetter = this.#queues.get(redrive.deadLetterQueue);
    }
  }

  /** @throws SqsError QueueDoesNotExist */
  get(name: string): Queue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw new SqsError("QueueDoesNotExist");
    return queue;
  }

  names(): string[] {
    return [...this.#queues.keys()];
  }

  /** Epoch milliseconds. */
  createdMs(name: string): number {
    const row = this.#database.prepare("SELECT created_ms FROM queue WHERE name = ?").get(name);
    return Number(row?.created_ms);
  }

  /** @throws SqsError QueueDoesNotExist, PurgeQueueInProgress */
  purge(name: string): void {
    const queue = this.get(name);
    const nowMs = this.#clock.now();
    const { changes } = this.#database
      .prepare(
        "UPDATE queue SET purged_ms = ? WHERE name = ? AND (purged_ms IS NULL OR purged_ms <= ?)",
      )
      .run(nowMs, name, nowMs - PURGE_INTERVAL_MS);
    if (changes === 0) {
      const message = `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`;
      throw new SqsError("PurgeQueueInProgress", message);
    }
    queue.purge();
  }

  /** Deletes messages past their retention; returns how many. */
  sweep(): number {
    return [...this.#queues.values()].reduce((sum, queue) => sum + queue.sweep(), 0);
  }

  close(): void {
    for (const queue of this.#queues.values()) queue.close();
    if (this.#database.isOpen) this.#database.close();
  }
}
