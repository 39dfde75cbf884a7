import type { Family, FamilyId, FamilyStore, Move } from "@zenode/auth";
import type { DynamoTable } from "./dynamo-table.ts";
import { type ItemKey, signInPartition, toTtl } from "./key.ts";
import { type Attributes, isOver, StoredItem } from "./stored-item.ts";

/** One item per family, see docs/data-model/items.md. */
export class DynamoFamilyStore implements FamilyStore {
  readonly #table: DynamoTable;

  constructor({ table }: { readonly table: DynamoTable }) {
    this.#table = table;
  }

  async create({ id, scopes, expiresAt, ...family }: Family): Promise<boolean> {
    const item = {
      ...familyKey(id),
      ...family,
      scopes: JSON.stringify(scopes),
      expiresAtMs: expiresAt,
      expiresAt: toTtl(expiresAt),
    };
    const result = await this.#table.put(item, { when: "attribute_not_exists(#pk)" });
    if (result.kind === "written") return true;
    // The answer of an earlier attempt was lost.
    return result.held?.hash === family.hash && result.held.revoked !== true;
  }

  async find(id: FamilyId, now: number): Promise<Family | undefined> {
    const item = await this.#table.get(familyKey(id));
    return item && "hash" in item && !isOver(item, now) ? parseFamily(id, item) : undefined;
  }

  async move(id: FamilyId, move: Move): Promise<boolean> {
    const result = await this.#table.update(familyKey(id), {
      change:
        "SET #hash = :hash, #previousHash = :previousHash, #movedAt = :movedAt, #keyId = :keyId, #sealed = :sealed",
      when: "#hash = :previousHash AND attribute_not_exists(#revoked)",
      values: move,
    });
    if (result.kind === "written") return true;
    // An earlier attempt's answer was lost: no other writer seals to the same text.
    return result.held?.sealed === move.sealed && result.held.revoked !== true;
  }

  async revoke(id: FamilyId, expiresAt: number): Promise<void> {
    await this.#table.update(familyKey(id), {
      change:
        "SET #revoked = :yes, #expiresAt = if_not_exists(#expiresAt, :ttl), #expiresAtMs = if_not_exists(#expiresAtMs, :end)",
      values: { yes: true, ttl: toTtl(expiresAt), end: expiresAt },
    });
  }
}

function familyKey(id: FamilyId): ItemKey {
  return { pk: signInPartition("F", id), sk: "family" };
}

function parseFamily(id: FamilyId, attributes: Attributes): Family {
  const item = new StoredItem("family of refresh tokens", attributes);
  const previousHash = item.optionalText("previousHash");
  return {
    id,
    clientId: item.text("clientId"),
    subject: item.text("subject"),
    scopes: item.texts("scopes"),
    resource: item.text("resource"),
    hash: item.text("hash"),
    ...(previousHash !== undefined && { previousHash }),
    movedAt: item.number("movedAt"),
    keyId: item.text("keyId"),
    sealed: item.text("sealed"),
    expiresAt: item.number("expiresAtMs"),
    ...(item.optionalFlag("revoked") && { revoked: true }),
  };
}
