import { newId } from "@zenode/core";
import { describe, expect, test } from "vitest";
import type { Client } from "../../client/client.ts";
import type { ClientStore } from "../../client/client-store.ts";

/** Beyond the TTL's grain: whole seconds would hide that milliseconds are kept. */
const NOW = 1_800_000_000_123;

function makeClient(changes: Partial<Client> = {}): Client {
  return {
    ...{ id: newId("client"), kind: "registered", name: "Größe 🚀", native: true },
    redirectUris: ["http://localhost:7/callback", "https://app.example/cb?x=1"],
    ...changes,
  };
}

/** What every ClientStore keeps. Clients are new in each test, so one store serves all. */
export function clientStoreContract(name: string, make: () => ClientStore): void {
  describe(`${name} keeps the contract of ClientStore`, () => {
    test("a client is found as it was added, until its time is over to the millisecond", async () => {
      const [store, client] = [make(), makeClient()];
      expect(await store.find(client.id, NOW)).toBeUndefined();
      await store.add(client, NOW + 1_001);
      expect(await store.find(client.id, NOW)).toEqual({ client, expiresAt: NOW + 1_001 });
      expect(await store.find(client.id, NOW + 1_000)).toEqual({ client, expiresAt: NOW + 1_001 });
      expect(await store.find(client.id, NOW + 1_001)).toBeUndefined();
    });

    test("a client without a name, and one of the web, come back as such", async () => {
      const store = make();
      const { name: _, ...nameless } = makeClient();
      const web = makeClient({ native: false, redirectUris: ["https://app.example/"] });
      await store.add(nameless, NOW + 1);
      await store.add(web, NOW + 1);
      expect((await store.find(nameless.id, NOW))?.client).toEqual(nameless);
      expect((await store.find(web.id, NOW))?.client).toEqual(web);
    });

    test("the largest client that can be registered is kept whole", async () => {
      const redirectUris = Array.from({ length: 20 }, (_, at) =>
        `https://app.example/${at}/`.padEnd(2048, "a"),
      );
      const [store, client] = [make(), makeClient({ redirectUris, name: "🚀".repeat(100) })];
      await store.add(client, NOW + 1);
      expect((await store.find(client.id, NOW))?.client).toEqual(client);
    });

    test("an addition may be repeated, and another client does not take its place", async () => {
      const [store, client] = [make(), makeClient()];
      await Promise.all(Array.from({ length: 5 }, () => store.add(client, NOW + 10)));
      await store.keep(client.id, NOW + 20, NOW);
      await store.add(client, NOW + 10);
      const other = store.add({ ...client, redirectUris: ["https://evil.example/"] }, NOW + 99);
      await expect(other).rejects.toMatchObject({ name: "ConflictError" });
      const renamed = store.add({ ...client, name: "Claude" }, NOW + 99);
      await expect(renamed).rejects.toMatchObject({ name: "ConflictError" });
      expect(await store.find(client.id, NOW)).toEqual({ client, expiresAt: NOW + 20 });
    });

    test("a client is kept for longer, never for shorter", async () => {
      const [store, client] = [make(), makeClient()];
      await store.add(client, NOW + 1_000);
      const ends = [3_000, 9_000, 5_000, 1, 9_000];
      await Promise.all(ends.map((end) => store.keep(client.id, NOW + end, NOW)));
      await store.keep(client.id, NOW + 5_000, NOW);
      expect(await store.find(client.id, NOW + 8_999)).toEqual({ client, expiresAt: NOW + 9_000 });
      expect(await store.find(client.id, NOW + 9_000)).toBeUndefined();
    });

    test("a client that is gone does not come back by being kept", async () => {
      const [store, client] = [make(), makeClient()];
      await store.keep(client.id, NOW + 1_000, NOW);
      expect(await store.find(client.id, NOW)).toBeUndefined();
      await store.add(client, NOW + 10);
      await store.keep(client.id, NOW + 1_000, NOW + 10);
      expect(await store.find(client.id, NOW + 10)).toBeUndefined();
    });

    test.each([
      "",
      "client_",
      "x",
      "https://app.example/client.json",
      "client_\0",
      "C".repeat(5_000),
    ])("%j is nobody", async (id) => {
      const store = make();
      expect(await store.find(id, NOW)).toBeUndefined();
      await store.keep(id, NOW + 1, NOW);
      expect(await store.find(id, NOW)).toBeUndefined();
    });
  });
}
