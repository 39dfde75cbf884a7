import {
  type Clock,
  type JsonObject,
  MAX_SUBSCRIPTIONS,
  RefusedError,
  type Session,
  type SessionStore,
} from "@zenode/core";
import type { Change, DynamoTable } from "./dynamo-table.ts";
import { type ItemKey, partition, toTtl } from "./key.ts";
import { type Attributes, isOver, StoredItem } from "./stored-item.ts";

export interface DynamoSessionStoreOptions {
  readonly table: DynamoTable;
  readonly clock: Pick<Clock, "now">;
}

/** What a session id may look like (2025-11-25, basic/transports: visible ASCII); others are unknown. */
const SESSION_ID = /^[\x21-\x7e]{1,128}$/;

/** One item per session. What a client changes later is one conditional write; a lost session stays lost. */
export class DynamoSessionStore implements SessionStore {
  readonly #table: DynamoTable;
  readonly #clock: Pick<Clock, "now">;

  constructor({ table, clock }: DynamoSessionStoreOptions) {
    this.#table = table;
    this.#clock = clock;
  }

  async create(session: Session): Promise<void> {
    await this.#table.put({
      ...sessionKey(session.tenant, session.id),
      subject: session.subject,
      clientId: session.clientId,
      protocolVersion: session.protocolVersion,
      initialize: JSON.stringify(session.initialize),
      logLevel: session.logLevel,
      subscriptions: session.subscriptions.length > 0 ? new Set(session.subscriptions) : undefined,
      expiresAtMs: session.expiresAt,
      expiresAt: toTtl(session.expiresAt),
    });
  }

  async get(tenant: string, id: string): Promise<Session | undefined> {
    if (!SESSION_ID.test(id)) return undefined;
    const item = await this.#table.get(sessionKey(tenant, id));
    return item && !isOver(item, this.#clock.now()) ? parseSession(tenant, id, item) : undefined;
  }

  async setLogLevel(tenant: string, id: string, level: string): Promise<void> {
    await this.#change(tenant, id, "SET #logLevel = :level", { level });
  }

  async subscribe(tenant: string, id: string, uri: string): Promise<boolean> {
    if (!SESSION_ID.test(id)) return true;
    const now = this.#clock.now();
    const result = await this.#table.update(sessionKey(tenant, id), {
      change: "ADD #subscriptions :uris",
      when: `${LIVE} AND (attribute_not_exists(#subscriptions) OR size(#subscriptions) < :most OR contains(#subscriptions, :uri))`,
      values: { uris: new Set([uri]), uri, most: MAX_SUBSCRIPTIONS, now },
    });
    // A session that is gone has room, and keeps nothing.
    return result.kind !== "refused" || !result.held || isOver(result.held, now);
  }

  async unsubscribe(tenant: string, id: string, uri: string): Promise<void> {
    await this.#change(tenant, id, "DELETE #subscriptions :uris", { uris: new Set([uri]) });
  }

  async delete(tenant: string, id: string): Promise<boolean> {
    if (!SESSION_ID.test(id)) return false;
    const item = await this.#table.delete(sessionKey(tenant, id));
    return item !== undefined && !isOver(item, this.#clock.now());
  }

  /** An update alone would bring a deleted session back as a fragment: hence the condition. */
  async #change(
    tenant: string,
    id: string,
    change: string,
    values: NonNullable<Change["values"]>,
  ): Promise<void> {
    if (!SESSION_ID.test(id)) return;
    await this.#table.update(sessionKey(tenant, id), {
      change,
      when: LIVE,
      values: { ...values, now: this.#clock.now() },
    });
  }
}

const LIVE = "#expiresAtMs > :now";

function sessionKey(tenant: string, id: string): ItemKey {
  return { pk: partition(tenant, "S", id), sk: "session" };
}

/** @throws RefusedError `corrupt`. */
function parseSession(tenant: string, id: string, attributes: Attributes): Session {
  const item = new StoredItem("session", attributes);
  const logLevel = item.optionalText("logLevel");
  const initialize = item.json("initialize");
  if (typeof initialize !== "object" || initialize === null || Array.isArray(initialize)) {
    throw new RefusedError("corrupt", "A stored session has no valid initialize.");
  }
  return {
    id,
    tenant,
    subject: item.text("subject"),
    clientId: item.text("clientId"),
    protocolVersion: item.text("protocolVersion"),
    initialize: initialize as JsonObject,
    ...(logLevel !== undefined && { logLevel }),
    subscriptions: item.textSet("subscriptions"),
    expiresAt: item.number("expiresAtMs"),
  };
}
