import { RefusedError } from "@zenode/core";
import type { DueProject, DueProjects } from "@zenode/core/storage";
import type { DynamoTable, Page } from "./dynamo-table.ts";
import { checkProject, checkTenant, type ItemKey } from "./key.ts";
import { type Attributes, StoredItem } from "./stored-item.ts";

/** The one partition of all tenants' projects with something to collect. No tenant's credentials reach it. */
const DUE = "COLLECT";

/** An item of about 80 bytes a project: some fifty to a read unit. */
export class DynamoDueProjects implements DueProjects {
  readonly #table: DynamoTable;

  constructor({ table }: { readonly table: DynamoTable }) {
    this.#table = table;
  }

  async note(tenant: string, project: string, now: number, dueAt: number): Promise<void> {
    await this.#table.update(toKey({ tenant, project }), {
      change: "SET #notedAt = :now, #dueAt = if_not_exists(#dueAt, :dueAt)",
      values: { now, dueAt },
    });
  }

  async *due(now: number): AsyncGenerator<readonly DueProject[]> {
    let page: Page | undefined;
    do {
      page = await this.#table.query({ pk: DUE, start: page?.next });
      yield page.items.map(toDueProject).filter(({ dueAt }) => dueAt <= now);
    } while (page.next);
  }

  async claim(seen: DueProject, dueAt: number): Promise<DueProject | undefined> {
    const result = await this.#move(seen, dueAt);
    return result.kind === "written" ? toDueProject(result.item) : undefined;
  }

  async postpone(claimed: DueProject, dueAt: number): Promise<void> {
    await this.#move(claimed, dueAt);
  }

  async drop(claimed: DueProject): Promise<void> {
    const { dueAt, notedAt } = claimed;
    await this.#table.remove(toKey(claimed), {
      when: "#dueAt = :dueAt AND #notedAt = :notedAt",
      values: { dueAt, notedAt },
    });
  }

  #move(seen: DueProject, dueAt: number) {
    return this.#table.update(toKey(seen), {
      change: "SET #dueAt = :dueAt",
      when: "#dueAt = :seen",
      values: { dueAt, seen: seen.dueAt },
    });
  }
}

/** Neither name has a `#`. */
function toKey({ tenant, project }: Pick<DueProject, "tenant" | "project">): ItemKey {
  return { pk: DUE, sk: `${checkTenant(tenant)}#${checkProject(project)}` };
}

function toDueProject(attributes: Attributes): DueProject {
  const item = new StoredItem("due project", attributes);
  const [tenant, project] = item.text("sk").split("#");
  if (!tenant || !project)
    throw new RefusedError("corrupt", "A stored due project has no valid key.");
  return { tenant, project, dueAt: item.number("dueAt"), notedAt: item.number("notedAt") };
}
