import type { Client, ClientStore, StoredClient } from "@zenode/auth";
import { ConflictError, isId } from "@zenode/core";
import type { DynamoTable } from "./dynamo-table.ts";
import { type ItemKey, signInPartition, toTtl } from "./key.ts";
import { type Attributes, isOver, StoredItem } from "./stored-item.ts";

/** One item per client that registered itself, see docs/data-model/items.md. */
export class DynamoClientStore implements ClientStore {
  readonly #table: DynamoTable;

  constructor({ table }: { readonly table: DynamoTable }) {
    this.#table = table;
  }

  async add(client: Client, expiresAt: number): Promise<void> {
    const item = {
      ...clientKey(client.id),
      name: client.name,
      redirectUris: JSON.stringify(client.redirectUris),
      native: client.native,
      expiresAtMs: expiresAt,
      expiresAt: toTtl(expiresAt),
    };
    const result = await this.#table.put(item, { when: "attribute_not_exists(#pk)" });
    if (result.kind === "written") return;
    // The answer of an earlier attempt may have been lost.
    const { redirectUris, name, native } = result.held ?? {};
    const isSame =
      redirectUris === item.redirectUris && name === item.name && native === item.native;
    if (!isSame) throw new ConflictError("There is such a client.");
  }

  async find(id: string, now: number): Promise<StoredClient | undefined> {
    if (!isId("client", id)) return undefined;
    const item = await this.#table.get(clientKey(id));
    return item && !isOver(item, now) ? parseClient(id, item) : undefined;
  }

  async keep(id: string, expiresAt: number, now: number): Promise<void> {
    if (!isId("client", id)) return;
    await this.#table.update(clientKey(id), {
      change: "SET #expiresAtMs = :until, #expiresAt = :ttl",
      when: "#expiresAtMs > :now AND #expiresAtMs < :until",
      values: { until: expiresAt, ttl: toTtl(expiresAt), now },
    });
  }
}

function clientKey(id: string): ItemKey {
  return { pk: signInPartition("R", id), sk: "client" };
}

/** @throws RefusedError `corrupt`. */
function parseClient(id: string, attributes: Attributes): StoredClient {
  const item = new StoredItem("client", attributes);
  const name = item.optionalText("name");
  return {
    client: {
      ...{ id, kind: "registered", redirectUris: item.texts("redirectUris") },
      ...(name !== undefined && { name }),
      native: item.flag("native"),
    },
    expiresAt: item.number("expiresAtMs"),
  };
}
