import { ConflictError } from "@zenode/core";
import type { Client } from "../client/client.ts";
import type { ClientStore, StoredClient } from "../client/client-store.ts";

/** ClientStore in this process's memory. */
export class MemoryClientStore implements ClientStore {
  readonly #clients = new Map<string, StoredClient>();

  async add(client: Client, expiresAt: number): Promise<void> {
    const held = this.#clients.get(client.id);
    if (held && JSON.stringify(held.client) !== JSON.stringify(client)) {
      throw new ConflictError("There is such a client.");
    }
    if (!held) this.#clients.set(client.id, structuredClone({ client, expiresAt }));
  }

  async find(id: string, now: number): Promise<StoredClient | undefined> {
    const held = this.#clients.get(id);
    return held && held.expiresAt > now ? structuredClone(held) : undefined;
  }

  async keep(id: string, expiresAt: number, now: number): Promise<void> {
    const held = await this.find(id, now);
    if (held && held.expiresAt < expiresAt) this.#clients.set(id, { ...held, expiresAt });
  }
}
