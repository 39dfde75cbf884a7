import { DAY } from "@zenode/core";
import type { CollectedUsage, ProjectUsage, UsageStore } from "@zenode/core/storage";
import type { DynamoTable, Page } from "./dynamo-table.ts";
import { checkProject, type ItemKey, numberKey, partition, toTtl } from "./key.ts";
import { type Attributes, StoredItem } from "./stored-item.ts";

const PROJECT = "project#";

/** An item for each project, so that commits to different ones never meet in an item, and one for each day's uploads. */
export class DynamoUsageStore implements UsageStore {
  readonly #table: DynamoTable;

  constructor({ table }: { readonly table: DynamoTable }) {
    this.#table = table;
  }

  async add(tenant: string, project: string, bytes: number, now: number): Promise<void> {
    await this.#table.update(projectKey(tenant, project), {
      change: "SET #addedAt = :now ADD #bytes :bytes",
      values: { bytes, now },
    });
  }

  async subtract(tenant: string, project: string, bytes: number): Promise<void> {
    await this.#table.update(projectKey(tenant, project), {
      change: "ADD #bytes :bytes",
      when: "attribute_exists(#pk)",
      values: { bytes: -bytes },
    });
  }

  async collected(
    tenant: string,
    project: string,
    { bytes, erased }: CollectedUsage,
  ): Promise<void> {
    await this.#table.update(projectKey(tenant, project), {
      change: "SET #erased = :erased ADD #bytes :bytes",
      when: "attribute_exists(#pk)",
      values: { bytes: -bytes, erased },
    });
  }

  async list(tenant: string): Promise<readonly ProjectUsage[]> {
    const projects: ProjectUsage[] = [];
    let page: Page | undefined;
    do {
      page = await this.#table.query({
        pk: partition(tenant, "B"),
        range: "begins_with(#sk, :project)",
        values: { project: PROJECT },
        start: page?.next,
      });
      projects.push(...page.items.map(toUsage));
    } while (page.next);
    return projects;
  }

  async correct(
    tenant: string,
    seen: ProjectUsage,
    { bytes, erased }: CollectedUsage,
  ): Promise<void> {
    const key = projectKey(tenant, seen.project);
    const when = "#bytes = :seen AND #addedAt = :addedAt";
    const values = { seen: seen.bytes, addedAt: seen.addedAt };
    if (bytes === 0 && erased === 0) await this.#table.remove(key, { when, values });
    else {
      await this.#table.update(key, {
        change: "SET #bytes = :bytes, #erased = :erased",
        when,
        values: { ...values, bytes, erased },
      });
    }
  }

  async addUpload(tenant: string, day: number, bytes: number, most: number): Promise<boolean> {
    if (bytes > most) return false;
    const result = await this.#table.update(
      { pk: partition(tenant, "B"), sk: `uploads#${numberKey(day)}` },
      {
        change: "SET #expiresAt = :expiresAt ADD #bytes :bytes",
        when: "attribute_not_exists(#bytes) OR #bytes <= :before",
        values: { bytes, before: most - bytes, expiresAt: toTtl((day + 3) * DAY) },
      },
    );
    return result.kind === "written";
  }
}

function projectKey(tenant: string, project: string): ItemKey {
  return { pk: partition(tenant, "B"), sk: `${PROJECT}${checkProject(project)}` };
}

function toUsage(attributes: Attributes): ProjectUsage {
  const item = new StoredItem("project's usage", attributes);
  const project = item.text("sk").slice(PROJECT.length);
  const erased = item.optionalNumber("erased") ?? 0;
  return { project, bytes: item.number("bytes"), addedAt: item.number("addedAt"), erased };
}
