import { createHash } from "node:crypto";
import type { Client, DocumentCache, KnownDocument, Pause } from "@zenode/auth";
import { RefusedError } from "@zenode/core";
import type { DynamoTable } from "./dynamo-table.ts";
import { type ItemKey, signInPartition, toTtl } from "./key.ts";
import { type Attributes, isOver, StoredItem } from "./stored-item.ts";

/** One item per URL, see docs/data-model/items.md. */
export class DynamoDocumentCache implements DocumentCache {
  readonly #table: DynamoTable;

  constructor({ table }: { readonly table: DynamoTable }) {
    this.#table = table;
  }

  async find(url: string, now: number): Promise<KnownDocument | undefined> {
    const item = await this.#table.get(documentKey(url));
    return item && !isOver(item, now) ? parseDocument(url, item) : undefined;
  }

  async keep(client: Client, until: number): Promise<void> {
    await this.#table.put({
      ...documentKey(client.id),
      url: client.id,
      name: client.name,
      redirectUris: JSON.stringify(client.redirectUris),
      native: client.native,
      ...lifetime(until),
    });
  }

  async pause(url: string, { now, until }: Pause): Promise<void> {
    await this.#table.put(
      { ...documentKey(url), url, ...lifetime(until) },
      {
        when: "attribute_not_exists(#redirectUris) OR #expiresAtMs <= :now",
        values: { now },
      },
    );
  }
}

function lifetime(until: number) {
  return { expiresAtMs: until, expiresAt: toTtl(until) };
}

/** By its hash: a URL may be longer than a key. */
function documentKey(url: string): ItemKey {
  const hash = createHash("sha256").update(url).digest("hex");
  return { pk: signInPartition("D", hash), sk: "document" };
}

/** @throws RefusedError `corrupt`. */
function parseDocument(id: string, attributes: Attributes): KnownDocument {
  const item = new StoredItem("metadata document", attributes);
  if (item.text("url") !== id) {
    throw new RefusedError("corrupt", "A stored metadata document is of another URL.");
  }
  if (item.optionalText("redirectUris") === undefined) return { kind: "paused" };
  const name = item.optionalText("name");
  return {
    kind: "client",
    client: {
      ...{ id, kind: "document", redirectUris: item.texts("redirectUris") },
      ...(name !== undefined && { name }),
      native: item.flag("native"),
    },
  };
}
