import type { Client, ClientRegistry } from "./client.ts";

/** Registries asked one after the other: who is found first counts. */
export class AllClients implements ClientRegistry {
  readonly #registries: readonly ClientRegistry[];

  constructor(registries: readonly ClientRegistry[]) {
    this.#registries = registries;
  }

  async find(clientId: string): Promise<Client | undefined> {
    for (const registry of this.#registries) {
      const client = await registry.find(clientId);
      if (client) return client;
    }
    return undefined;
  }
}

/** Clients that the operator set up. */
export class ConfiguredClients implements ClientRegistry {
  readonly #clients: readonly Client[];

  constructor(clients: readonly Client[]) {
    this.#clients = clients;
  }

  async find(clientId: string): Promise<Client | undefined> {
    return this.#clients.find(({ id }) => id === clientId);
  }
}
