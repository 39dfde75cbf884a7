import {
  isId,
  type LaunchQueue,
  type Place,
  RefusedError,
  type Ring,
  type Ticket,
} from "@zenode/core";
import type { DynamoTable, Page } from "./dynamo-table.ts";
import { type ItemKey, partition, toTtl } from "./key.ts";
import { type Attributes, StoredItem } from "./stored-item.ts";

/** The one partition of all tenants: who waits, and the gate. No tenant's credentials reach it. */
const RING = "QUEUE";
/** Before any tenant's name, so that it comes with the first page. */
const GATE = "!gate";
const TIME_DIGITS = 13;
/** Places are forgotten with the longest-lived ticket: a task is kept for a day. */
const PLACE_MS = 2 * 24 * 3_600_000;

/** Tickets and turns as items; see docs/data-model/items.md. */
export class DynamoLaunchQueue implements LaunchQueue {
  readonly #table: DynamoTable;

  constructor({ table }: { readonly table: DynamoTable }) {
    this.#table = table;
  }

  async ring(atMost?: number): Promise<Ring> {
    const places: Place[] = [];
    let closedUntil = 0;
    let start: Page["next"];
    do {
      const page = await this.#table.query({
        pk: RING,
        ...(start && { start }),
        // The gate may be one of them.
        ...(atMost !== undefined && { limit: atMost + 1 }),
      });
      for (const item of page.items) {
        if (item.sk === GATE) closedUntil = new StoredItem("gate", item).number("closedUntil");
        else places.push(toPlace(item));
      }
      start = page.next;
    } while (start && (atMost === undefined || places.length < atMost));
    return { places: places.slice(0, atMost), closedUntil };
  }

  async addTicket(ticket: Ticket): Promise<boolean> {
    const { id, since, expiresAt } = ticket;
    const result = await this.#table.put(
      { ...ticketKey(ticket), job: id, since, expiresAtMs: expiresAt, expiresAt: toTtl(expiresAt) },
      { when: "attribute_not_exists(#pk)" },
    );
    return result.kind === "written";
  }

  async oldest(tenant: string): Promise<Ticket | undefined> {
    const { items } = await this.#table.query({
      pk: partition(tenant, "Q"),
      range: "begins_with(#sk, :wait)",
      values: { wait: "wait#" },
      limit: 1,
    });
    return items[0] && toTicket(tenant, items[0]);
  }

  async dropTicket(ticket: Ticket): Promise<void> {
    await this.#table.delete(ticketKey(ticket));
  }

  async join(tenant: string, turn: number): Promise<void> {
    await this.#table.update(placeKey(tenant), {
      change: "SET #turn = if_not_exists(#turn, :turn), #expiresAt = :expiresAt ADD #joined :one",
      values: { turn, one: 1, expiresAt: toTtl(turn + PLACE_MS) },
    });
  }

  async moveTurn({ tenant, turn: seen }: Place, turn: number): Promise<boolean> {
    const result = await this.#table.update(placeKey(tenant), {
      change: "SET #turn = :turn",
      when: "#turn = :seen",
      values: { turn, seen },
    });
    return result.kind === "written";
  }

  async leave({ tenant, turn, joined }: Place): Promise<boolean> {
    const result = await this.#table.remove(placeKey(tenant), {
      when: "#turn = :turn AND #joined = :joined",
      values: { turn, joined },
    });
    return result.kind === "written";
  }

  async closeGate(until: number): Promise<void> {
    await this.#table.update(
      { pk: RING, sk: GATE },
      {
        change: "SET #closedUntil = :until",
        when: "attribute_not_exists(#closedUntil) OR #closedUntil < :until",
        values: { until },
      },
    );
  }
}

function placeKey(tenant: string): ItemKey {
  // Also checks the name.
  partition(tenant, "Q");
  return { pk: RING, sk: tenant };
}

function ticketKey({ tenant, id, since }: Ticket): ItemKey {
  const time = String(since).padStart(TIME_DIGITS, "0");
  return { pk: partition(tenant, "Q"), sk: `wait#${time}#${id}` };
}

function toPlace(attributes: Attributes): Place {
  const item = new StoredItem("place in the queue", attributes);
  return { tenant: item.text("sk"), turn: item.number("turn"), joined: item.number("joined") };
}

function toTicket(tenant: string, attributes: Attributes): Ticket {
  const item = new StoredItem("ticket", attributes);
  const id = item.text("job");
  if (!isId("task", id)) throw new RefusedError("corrupt", "A stored ticket names no job.");
  return { tenant, id, since: item.number("since"), expiresAt: item.number("expiresAtMs") };
}
