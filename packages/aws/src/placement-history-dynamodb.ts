import { type Clock, type FactorChange, HISTORY_MS, type PlacementHistory } from "@zenode/core";
import type { DynamoTable } from "./dynamo-table.ts";
import { checked, type ItemKey, partition, toTtl } from "./key.ts";
import { StoredItem } from "./stored-item.ts";

const TOOL = /^[a-z0-9_]{1,128}$/;

/** One item per tenant and tool, see docs/data-model/items.md. */
export class DynamoPlacementHistory implements PlacementHistory {
  readonly #table: DynamoTable;
  readonly #clock: Pick<Clock, "now">;

  constructor(options: { readonly table: DynamoTable; readonly clock: Pick<Clock, "now"> }) {
    this.#table = options.table;
    this.#clock = options.clock;
  }

  async factor(tenant: string, tool: string): Promise<number> {
    const item = await this.#table.get(historyKey(tenant, tool));
    if (!item) return 1;
    const stored = new StoredItem("placement history", item);
    return stored.number("expiresAt") > this.#clock.now() / 1000 ? stored.number("factor") : 1;
  }

  async learn(tenant: string, tool: string, { from, to, now }: FactorChange): Promise<void> {
    const item = { ...historyKey(tenant, tool), factor: to, expiresAt: toTtl(now + HISTORY_MS) };
    await this.#table.put(item, {
      when: `#factor = :from AND #expiresAt > :now${from === 1 ? " OR attribute_not_exists(#pk) OR #expiresAt <= :now" : ""}`,
      values: { from, now: Math.floor(now / 1000) },
    });
  }
}

function historyKey(tenant: string, tool: string): ItemKey {
  return { pk: partition(tenant, "H"), sk: checked("tool", TOOL, tool) };
}
