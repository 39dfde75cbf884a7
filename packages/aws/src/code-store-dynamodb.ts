import type { CodeRecord, CodeStore } from "@zenode/auth";
import { ConflictError, HOUR, isId, RefusedError } from "@zenode/core";
import type { DynamoTable } from "./dynamo-table.ts";
import { type ItemKey, signInPartition, toTtl } from "./key.ts";
import { type Attributes, StoredItem } from "./stored-item.ts";

/** After its end a code stays, so that who uses it a second time is seen. */
const KEPT_MS = HOUR;

/** One item per code, see docs/data-model/items.md. */
export class DynamoCodeStore implements CodeStore {
  readonly #table: DynamoTable;

  constructor({ table }: { readonly table: DynamoTable }) {
    this.#table = table;
  }

  async add({ hash, scopes, expiresAt, ...code }: CodeRecord): Promise<void> {
    const item = {
      ...codeKey(hash),
      ...code,
      scopes: JSON.stringify(scopes),
      expiresAtMs: expiresAt,
      expiresAt: toTtl(expiresAt + KEPT_MS),
    };
    const result = await this.#table.put(item, { when: "attribute_not_exists(#pk)" });
    // The answer of an earlier attempt may have been lost: no other text is sealed the same.
    if (result.kind === "written" || result.held?.sealed === code.sealed) return;
    throw new ConflictError("There is such a code.");
  }

  async find(hash: string): Promise<CodeRecord | undefined> {
    const item = await this.#table.get(codeKey(hash));
    return item && parseCode(hash, item);
  }

  async use(hash: string, use: string): Promise<boolean> {
    const result = await this.#table.update(codeKey(hash), {
      change: "SET #use = :use",
      when: "attribute_exists(#pk) AND (attribute_not_exists(#use) OR #use = :use)",
      values: { use },
    });
    return result.kind === "written";
  }
}

function codeKey(hash: string): ItemKey {
  return { pk: signInPartition("C", hash), sk: "code" };
}

function parseCode(hash: string, attributes: Attributes): CodeRecord {
  const item = new StoredItem("authorization code", attributes);
  const family = item.text("family");
  if (!isId("grant", family)) {
    throw new RefusedError("corrupt", "A stored authorization code has no valid family.");
  }
  return {
    hash,
    clientId: item.text("clientId"),
    redirectUri: item.text("redirectUri"),
    challenge: item.text("challenge"),
    resource: item.text("resource"),
    scopes: item.texts("scopes"),
    subject: item.text("subject"),
    family,
    sealed: item.text("sealed"),
    keyId: item.text("keyId"),
    expiresAt: item.number("expiresAtMs"),
  };
}
