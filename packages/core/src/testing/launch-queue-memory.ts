import type { LaunchQueue, Place, Ring, Ticket } from "../burst/launch-queue.ts";

/** LaunchQueue in this process's memory: each method runs without a pause, so it is atomic. */
export class MemoryLaunchQueue implements LaunchQueue {
  readonly #places = new Map<string, Place>();
  readonly #tickets = new Map<string, Ticket>();
  #closedUntil = 0;

  async ring(atMost = Number.POSITIVE_INFINITY): Promise<Ring> {
    const places = [...this.#places.values()].slice(0, atMost);
    return { places, closedUntil: this.#closedUntil };
  }

  async addTicket(ticket: Ticket): Promise<boolean> {
    if (this.#tickets.has(keyOf(ticket))) return false;
    this.#tickets.set(keyOf(ticket), ticket);
    return true;
  }

  async oldest(tenant: string): Promise<Ticket | undefined> {
    const own = [...this.#tickets.values()].filter((ticket) => ticket.tenant === tenant);
    return own.sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1))[0];
  }

  async dropTicket(ticket: Ticket): Promise<void> {
    this.#tickets.delete(keyOf(ticket));
  }

  async join(tenant: string, turn: number): Promise<void> {
    const held = this.#places.get(tenant) ?? { tenant, turn, joined: 0 };
    this.#places.set(tenant, { ...held, joined: held.joined + 1 });
  }

  async moveTurn(seen: Place, turn: number): Promise<boolean> {
    const held = this.#places.get(seen.tenant);
    if (held?.turn !== seen.turn) return false;
    this.#places.set(seen.tenant, { ...held, turn });
    return true;
  }

  async leave(seen: Place): Promise<boolean> {
    const held = this.#places.get(seen.tenant);
    if (held?.turn !== seen.turn || held.joined !== seen.joined) return false;
    return this.#places.delete(seen.tenant);
  }

  async closeGate(until: number): Promise<void> {
    this.#closedUntil = Math.max(this.#closedUntil, until);
  }
}

function keyOf({ tenant, id, since }: Ticket): string {
  return JSON.stringify([tenant, since, id]);
}
