import {
  answersAgain,
  type Clock,
  ConflictError,
  isTerminal,
  type Job,
  type JobId,
} from "@zenode/core";
import { lockHolder, toCallLock } from "./call-lock.ts";
import type { DynamoTable } from "./dynamo-table.ts";
import type { JobDocumentStore } from "./job-documents.ts";
import type { JobSlots, Slot } from "./job-slots.ts";
import type { TaskList } from "./task-list.ts";
import type { PutRefusal } from "./transaction-outcome.ts";
import type { TransactionPut } from "./transaction-part.ts";

export interface JobCreationParts {
  readonly table: DynamoTable;
  readonly clock: Pick<Clock, "now">;
  readonly documents: JobDocumentStore;
  readonly slots: JobSlots;
  readonly tasks: TaskList;
  readonly get: (tenant: string, id: JobId) => Promise<Job | undefined>;
}

export interface Created {
  readonly created: boolean;
  readonly job: Job;
}

/** Rounds of "look, then write on condition": each that is lost is one that another call has won. */
const ROUNDS = 16;

/** Stores a job with its call's lock, a slot of its tenant and its entry in the caller's list, all or nothing. */
export class JobCreation {
  readonly #parts: JobCreationParts;

  constructor(parts: JobCreationParts) {
    this.#parts = parts;
  }

  /** @throws RefusedError `too_large`, `too_many_jobs`. */
  async create(job: Job): Promise<Created> {
    const { table, clock, documents, slots } = this.#parts;
    const puts = await documents.toPuts(job);
    let [ended, slot] = ["", slots.guess()];
    for (let round = 0; round < ROUNDS; round += 1) {
      const refusals = await table.transact(this.#toPuts(job, puts, { ended, slot }));
      if (!refusals) return { created: true, job };
      const [lock, taken] = refusals;
      const found = await this.#find(job, refusals);
      if (found) return found;
      if (lock?.held) ended = lockHolder(lock.held);
      if (taken?.refused) slot = await slots.find(job.principal.tenant, clock.now());
    }
    throw new ConflictError("Others start calls at this moment. Try again.");
  }

  /** A job that has ended already needs no lock and no slot. */
  async keep(job: Job): Promise<void> {
    const { table, documents, tasks } = this.#parts;
    // Refused: it is there already.
    await table.transact([tasks.toPut(job), ...(await documents.toPuts(job))]);
  }

  /** What stands in the new job's way: itself, stored before, or the job of the same call that has not ended or answers it. */
  async #find(job: Job, refusals: readonly PutRefusal[]): Promise<Created | undefined> {
    const [lock, , , own] = refusals;
    if (!lock?.refused && !own?.refused) return undefined;
    const holder = lock?.held ? lockHolder(lock.held) : job.id;
    const found = await this.#parts.get(job.principal.tenant, holder);
    if (!found) return undefined;
    const stands = !isTerminal(found.state) || answersAgain(found, job, this.#parts.clock.now());
    return holder === job.id || stands ? { created: holder === job.id, job: found } : undefined;
  }

  #toPuts(
    job: Job,
    documents: readonly TransactionPut[],
    { ended, slot }: { readonly ended: string; readonly slot: Slot },
  ): readonly TransactionPut[] {
    const now = this.#parts.clock.now();
    // Who ends the job frees the slot that its item names.
    const named = documents.map((put) =>
      put.item.sk === "job" ? { ...put, item: { ...put.item, slot: slot.number } } : put,
    );
    return [
      toCallLock(job, ended, now),
      this.#parts.slots.toPut(job, slot, now),
      this.#parts.tasks.toPut(job),
      ...named,
    ];
  }
}
