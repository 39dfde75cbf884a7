import type { AwayRecord, AwayStore } from "@zenode/auth";
import { ConflictError } from "@zenode/core";
import type { DynamoTable } from "./dynamo-table.ts";
import { type ItemKey, signInPartition, toTtl } from "./key.ts";
import { StoredItem } from "./stored-item.ts";

/** One item per trip, see docs/data-model/items.md. */
export class DynamoAwayStore implements AwayStore {
  readonly #table: DynamoTable;

  constructor({ table }: { readonly table: DynamoTable }) {
    this.#table = table;
  }

  async add({ hash, browser, request, expiresAt }: AwayRecord): Promise<void> {
    const times = { expiresAtMs: expiresAt, expiresAt: toTtl(expiresAt) };
    const item = { ...awayKey(hash), browser, request: JSON.stringify(request), ...times };
    const result = await this.#table.put(item, {
      when: "attribute_not_exists(#pk) OR (#browser = :browser AND #request = :request)",
      values: { browser, request: item.request },
    });
    if (result.kind === "refused") throw new ConflictError("There is such a one.");
  }

  async take(
    hash: string,
    { browser, attempt, now }: { browser: string; attempt: string; now: number },
  ): Promise<AwayRecord | undefined> {
    const result = await this.#table.update(awayKey(hash), {
      change: "SET #taken = :attempt",
      when: "#browser = :browser AND #expiresAtMs > :now AND (attribute_not_exists(#taken) OR #taken = :attempt)",
      values: { browser, attempt, now },
    });
    if (result.kind === "refused") return undefined;
    const item = new StoredItem("request of somebody away", result.item);
    // Only we write it, by a type: what is stored is a request that was checked.
    const request = item.json("request") as unknown as AwayRecord["request"];
    return { hash, browser, request, expiresAt: item.number("expiresAtMs") };
  }
}

function awayKey(hash: string): ItemKey {
  return { pk: signInPartition("A", hash), sk: "away" };
}
