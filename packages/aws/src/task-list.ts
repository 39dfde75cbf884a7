import { isId, type Job, type JobId, type Principal } from "@zenode/core";
import type { DynamoTable, TransactionPut } from "./dynamo-table.ts";
import { partition, toTtl } from "./key.ts";
import { isOver } from "./stored-item.ts";

/** Digits of milliseconds since the epoch, until the year 2286. */
const TIME_DIGITS = 13;

/** Which tasks a caller has, by their time: an item each, beside the tenant's slots. */
export class TaskList {
  readonly #table: DynamoTable;

  constructor(table: DynamoTable) {
    this.#table = table;
  }

  toPut({ id, principal, createdAt, expiresAt }: Job): TransactionPut {
    const time = String(createdAt).padStart(TIME_DIGITS, "0");
    return {
      item: {
        pk: partition(principal.tenant, "Q"),
        sk: `${prefixOf(principal.subject)}${time}#${id}`,
        job: id,
        expiresAt: toTtl(expiresAt),
      },
      // The same job again has the same key.
      when: "attribute_not_exists(#pk) OR #job = :job",
      values: { job: id },
    };
  }

  /** Newest first. */
  async newest(
    { tenant, subject }: Pick<Principal, "tenant" | "subject">,
    limit: number,
    now: number,
  ): Promise<readonly JobId[]> {
    const { items } = await this.#table.query({
      pk: partition(tenant, "Q"),
      range: "begins_with(#sk, :own)",
      values: { own: prefixOf(subject) },
      descending: true,
      limit,
    });
    return items.flatMap((item) => {
      const { job } = item;
      return typeof job === "string" && isId("task", job) && !isOver(item, now) ? [job] : [];
    });
  }
}

/** A subject ends at the `#`, which it can't contain: no other one's tasks begin so. */
function prefixOf(subject: string): string {
  return `task#${encodeURIComponent(subject.toWellFormed())}#`;
}
