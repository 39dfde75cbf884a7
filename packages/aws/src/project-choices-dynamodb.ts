import type { ProjectChoices } from "@zenode/core";
import type { DynamoTable } from "./dynamo-table.ts";
import { checkProject, type ItemKey, partition } from "./key.ts";
import { StoredItem } from "./stored-item.ts";

/** One item per user, see docs/data-model/items.md. */
export class DynamoProjectChoices implements ProjectChoices {
  readonly #table: DynamoTable;

  constructor({ table }: { readonly table: DynamoTable }) {
    this.#table = table;
  }

  async chosen(tenant: string, subject: string): Promise<string | undefined> {
    const item = await this.#table.get(choiceKey(tenant, subject));
    return item && new StoredItem("choice of a project", item).text("project");
  }

  async choose(tenant: string, subject: string, project: string): Promise<void> {
    await this.#table.put({ ...choiceKey(tenant, subject), project: checkProject(project) });
  }
}

function choiceKey(tenant: string, subject: string): ItemKey {
  return { pk: partition(tenant, "U", subject), sk: "project" };
}
