import { type Clock, DAY } from "@zenode/core";
import type { Client, ClientRegistry } from "./client.ts";
import type { ClientStore } from "./client-store.ts";

/** A client that nobody has signed in with. */
export const UNUSED_CLIENT_MS = DAY;
/** After the last sign-in. Longer than a refresh token lives, so that who is signed in finds the client again. */
export const USED_CLIENT_MS = 90 * DAY;

export interface StoredClientsOptions {
  readonly store: ClientStore;
  readonly clock: Pick<Clock, "now">;
}

/** Clients that registered themselves, as long as they are kept. */
export class StoredClients implements ClientRegistry {
  readonly #store: ClientStore;
  readonly #clock: Pick<Clock, "now">;

  constructor({ store, clock }: StoredClientsOptions) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Being asked for is no use: anybody can do that. */
  async find(clientId: string): Promise<Client | undefined> {
    return (await this.#store.find(clientId, this.#clock.now()))?.client;
  }

  /**
   * A user has signed in with a client: from now on it is kept for 90 days. Written when less than half of that is left.
   * Whoever is not of this registry is passed over.
   */
  async noteUse(clientId: string): Promise<void> {
    const now = this.#clock.now();
    const stored = await this.#store.find(clientId, now);
    if (!stored || stored.expiresAt - now >= USED_CLIENT_MS / 2) return;
    await this.#store.keep(clientId, now + USED_CLIENT_MS, now);
  }
}
