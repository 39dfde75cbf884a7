import { isId, isTerminal, type Job, type JobId, type JobState, tooManyJobs } from "@zenode/core";
import type { DynamoTable } from "./dynamo-table.ts";
import { jobKey } from "./job-item.ts";
import { type ItemKey, partition, toTtl } from "./key.ts";
import { type Attributes, isOver, StoredItem } from "./stored-item.ts";
import type { TransactionPut } from "./transaction-part.ts";

/** Digits of a slot's number. */
const DIGITS = 4;

/** Holders that are looked at before a tenant is told that all its slots are taken: the oldest first. */
const LOOKS = 8;

export interface Slot {
  readonly number: number;
  /** The job that holds it and is known to have ended; absent: it was free. */
  readonly ended?: JobId;
}

/**
 * The places of a tenant's jobs that have not ended: an item each. A job's item and its slot's are put
 * in one transaction, so there are never more jobs than slots. One that its job's end did not free
 * (the process died in between) is taken over, or freed by the job's next look.
 */
export class JobSlots {
  readonly #table: DynamoTable;
  readonly #count: number;

  constructor(table: DynamoTable, count: number) {
    this.#table = table;
    this.#count = count;
  }

  /** Where to try first: tenants with few jobs, which are nearly all, find it free without a read. */
  guess(): Slot {
    return { number: this.#random(this.#count) };
  }

  /** A slot that is free by what is stored now. @throws RefusedError `too_many_jobs`. */
  async find(tenant: string, now: number): Promise<Slot> {
    const held = (await this.#held(tenant)).filter(
      (item) => !isOver(item, now) && numberOf(item) < this.#count,
    );
    const taken = new Set(held.map(numberOf));
    const free = Array.from({ length: this.#count }, (_, number) => number).filter(
      (number) => !taken.has(number),
    );
    // Any of them: those who ask at the same moment had better not ask for the same.
    const number = free[this.#random(free.length)];
    if (number !== undefined) return { number };
    const leftover = await this.#leftover(tenant, held);
    if (leftover) return leftover;
    throw tooManyJobs(this.#count);
  }

  /** Free, held past its time, or by the job that is known to have ended. */
  toPut(job: Job, { number, ended }: Slot, now: number): TransactionPut {
    return {
      item: {
        ...slotKey(job.principal.tenant, number),
        job: job.id,
        since: job.createdAt,
        expiresAt: toTtl(job.expiresAt),
      },
      when: "attribute_not_exists(#pk) OR #expiresAt <= :now OR #job = :ended",
      values: { now: Math.floor(now / 1000), ended: ended ?? "" },
    };
  }

  /** Frees the slot that the ended job's item names, if it is still the job's. */
  async free(tenant: string, id: JobId, item: Attributes): Promise<void> {
    const { slot } = item;
    if (typeof slot !== "number" || !isTerminal(item.state as JobState)) return;
    await this.#table.remove(slotKey(tenant, slot), { when: "#job = :job", values: { job: id } });
  }

  async #held(tenant: string): Promise<readonly Attributes[]> {
    const { items } = await this.#table.query({
      pk: partition(tenant, "Q"),
      range: "begins_with(#sk, :slot)",
      values: { slot: "slot#" },
    });
    return items;
  }

  async #leftover(tenant: string, held: readonly Attributes[]): Promise<Slot | undefined> {
    const slots = held.map((item) => new StoredItem("job slot", item));
    const oldest = slots.sort((a, b) => a.number("since") - b.number("since")).slice(0, LOOKS);
    const found = await Promise.all(oldest.map((slot) => this.#toLeftover(tenant, slot)));
    return found.find((slot) => slot !== undefined);
  }

  async #toLeftover(tenant: string, slot: StoredItem): Promise<Slot | undefined> {
    const id = slot.text("job");
    if (!isId("task", id)) return undefined;
    const job = await this.#table.get(jobKey(tenant, id));
    const isEnded = !job || isTerminal(job.state as JobState);
    return isEnded ? { number: toNumber(slot.text("sk")), ended: id } : undefined;
  }

  #random(below: number): number {
    return Math.floor(Math.random() * below);
  }
}

function slotKey(tenant: string, number: number): ItemKey {
  return { pk: partition(tenant, "Q"), sk: `slot#${String(number).padStart(DIGITS, "0")}` };
}

function numberOf(item: Attributes): number {
  return toNumber(String(item.sk));
}

function toNumber(sk: string): number {
  return Number(sk.slice("slot#".length));
}
