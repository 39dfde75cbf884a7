import type { ArchivedRecord, SnapshotArchive } from "@zenode/core/storage";
import type { DynamoTable, Page } from "./dynamo-table.ts";
import { parseRecord, recordKey, recordsOf } from "./snapshot-store-dynamodb.ts";
import { type Attributes, StoredItem } from "./stored-item.ts";

/** The snapshot items of a project, those with `forgottenAt` too. Heads are items of their own, which nothing here touches. */
export class DynamoSnapshotArchive implements SnapshotArchive {
  readonly #table: DynamoTable;

  constructor({ table }: { readonly table: DynamoTable }) {
    this.#table = table;
  }

  async *records(tenant: string, project: string): AsyncGenerator<readonly ArchivedRecord[]> {
    const pk = recordsOf(tenant, project);
    let page: Page | undefined;
    do {
      page = await this.#table.query({ pk, descending: true, start: page?.next });
      yield page.items.map(parseArchived);
    } while (page.next);
  }

  async forget(tenant: string, project: string, number: number, at: number): Promise<void> {
    await this.#table.update(recordKey(tenant, project, number), {
      change: "SET #forgottenAt = :at",
      when: "attribute_exists(#pk) AND attribute_not_exists(#forgottenAt)",
      values: { at },
    });
  }

  async erase(tenant: string, project: string, number: number): Promise<void> {
    await this.#table.remove(recordKey(tenant, project, number), {
      when: "attribute_exists(#forgottenAt)",
    });
  }
}

function parseArchived(attributes: Attributes): ArchivedRecord {
  const forgottenAt = new StoredItem("snapshot", attributes).optionalNumber("forgottenAt");
  return { ...parseRecord(attributes), ...(forgottenAt !== undefined && { forgottenAt }) };
}
