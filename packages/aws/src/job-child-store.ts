import { type ChildJob, ConflictError, isId, type Job, type JobId, type Lease } from "@zenode/core";
import type { DynamoTable, Page } from "./dynamo-table.ts";
import { checkHeld } from "./held-job.ts";
import { LIVE } from "./job-canceller.ts";
import type { JobDocumentStore } from "./job-documents.ts";
import { childrenPartition, jobKey } from "./job-item.ts";
import { toTtl } from "./key.ts";
import { isOver } from "./stored-item.ts";
import type { TransactionCheck, TransactionPut } from "./transaction-part.ts";

/**
 * Jobs that other jobs start. A child, and the item by which its parent finds it, are put in one
 * transaction that also checks the parent: once that is cancelled or another worker's, no child follows.
 */
export class JobChildStore {
  readonly #table: DynamoTable;
  readonly #documents: JobDocumentStore;

  constructor(table: DynamoTable, documents: JobDocumentStore) {
    this.#table = table;
    this.#documents = documents;
  }

  async create(job: ChildJob, parent: Lease, now: number): Promise<Job | undefined> {
    const puts = await this.#documents.toPuts(job);
    const refusals = await this.#table.transact([toCheck(parent, now), toPointer(job), ...puts]);
    if (!refusals) return job;
    if (refusals[0]?.refused) return undefined;
    const { items } = await this.#table.query({ pk: jobKey(job.principal.tenant, job.id).pk });
    const [same] = items.filter((item) => item.sk === "job" && !isOver(item, now));
    if (!same) throw new ConflictError("This child was called before, and its time is over.");
    return this.#documents.toJob(same);
  }

  async of(tenant: string, parent: JobId, now: number): Promise<readonly JobId[]> {
    const pk = childrenPartition(tenant, parent);
    const ids: JobId[] = [];
    let start: Page["next"];
    do {
      const page = await this.#table.query({ pk, ...(start && { start }) });
      for (const item of page.items) {
        const { sk } = item;
        if (typeof sk === "string" && isId("task", sk) && !isOver(item, now)) ids.push(sk);
      }
      start = page.next;
    } while (start);
    return ids;
  }
}

function toPointer({ id, principal, parent, expiresAt }: ChildJob): TransactionPut {
  const pk = childrenPartition(principal.tenant, parent.id);
  return {
    item: { pk, sk: id, expiresAtMs: expiresAt, expiresAt: toTtl(expiresAt) },
    when: "attribute_not_exists(#pk)",
  };
}

/** It is held under this very lease, and nobody asked it to stop. */
function toCheck(lease: Lease, now: number): TransactionCheck {
  const { check, when, values } = checkHeld(lease);
  return {
    check,
    when: `${when} AND #cancelRequested = :no AND ${LIVE}`,
    values: { ...values, no: false, now },
  };
}
