import { HOUR, MINUTE } from "@zenode/core";
import { describe, expect, test } from "vitest";
import type { Client } from "../../client/client.ts";
import type { DocumentCache } from "../../client/document-clients.ts";

/** What every DocumentCache promises. Run it on the memory double and on each adapter. */
export function documentCacheContract(name: string, make: () => DocumentCache): void {
  function setUp() {
    // Real time, so that a store that deletes what is over deletes nothing of these tests.
    const now = Date.now();
    const url = `https://app.example.com/${crypto.randomUUID()}/client.json`;
    return { now, cache: make(), url, client: clientOf(url) };
  }

  describe(`${name} as DocumentCache`, () => {
    test("a client comes back as it was kept, by its own URL alone", async () => {
      const { cache, now, client, url } = setUp();
      await cache.keep(client, now + HOUR);
      expect(await cache.find(url, now)).toEqual({ kind: "client", client });
      expect(await cache.find(`${url}x`, now)).toBeUndefined();
      expect(await cache.find(url.toUpperCase(), now)).toBeUndefined();
    });

    test("a client without a name, at a URL of 2,048 characters, comes back as it was kept", async () => {
      const { cache, now, url } = setUp();
      const { name: _, ...nameless } = clientOf(url.padEnd(2048, "x"));
      const client = { ...nameless, native: false };
      await cache.keep(client, now + HOUR);
      expect(await cache.find(client.id, now)).toEqual({ kind: "client", client });
    });

    test("the last client kept counts, for its own time", async () => {
      const { cache, now, client, url } = setUp();
      await cache.keep(client, now + HOUR);
      const moved = { ...client, redirectUris: ["https://app.example.com/new"] };
      await cache.keep(moved, now + MINUTE);
      await cache.keep(moved, now + MINUTE);
      expect(await cache.find(url, now + MINUTE - 1)).toEqual({ kind: "client", client: moved });
      expect(await cache.find(url, now + MINUTE)).toBeUndefined();
    });

    test("a pause ends with its time, or when a client is kept", async () => {
      const { cache, now, client, url } = setUp();
      await cache.pause(url, { now, until: now + MINUTE });
      expect(await cache.find(url, now + MINUTE - 1)).toEqual({ kind: "paused" });
      expect(await cache.find(url, now + MINUTE)).toBeUndefined();
      await cache.pause(url, { now: now + MINUTE, until: now + HOUR });
      expect(await cache.find(url, now + MINUTE)).toEqual({ kind: "paused" });
      await cache.keep(client, now + HOUR);
      expect(await cache.find(url, now + MINUTE)).toEqual({ kind: "client", client });
    });

    test("a pause takes no client's place before its time is over", async () => {
      const { cache, now, client, url } = setUp();
      await cache.keep(client, now + HOUR);
      await cache.pause(url, { now: now + HOUR - 1, until: now + 2 * HOUR });
      expect(await cache.find(url, now + HOUR - 1)).toEqual({ kind: "client", client });
      expect(await cache.find(url, now + HOUR)).toBeUndefined();
      await cache.pause(url, { now: now + HOUR, until: now + 2 * HOUR });
      expect(await cache.find(url, now + HOUR)).toEqual({ kind: "paused" });
    });
  });
}

function clientOf(id: string): Client {
  return {
    id,
    kind: "document",
    name: "Größe 🚀",
    redirectUris: ["http://127.0.0.1/callback", "https://app.example.com/callback"],
    native: true,
  };
}
