import { HOUR, MINUTE } from "@zenode/core";
import { describe, expect, test } from "vitest";
import type { Client } from "../../client/client.ts";
import type { DocumentCache } from "../../client/document-clients.ts";

/** A cache that knows the time from the given clock. */
export type MakeDocumentCache = (clock: { now(): number }) => DocumentCache;

/** What every DocumentCache promises. Run it on the memory double and on each adapter. */
export function documentCacheContract(name: string, make: MakeDocumentCache): void {
  function setUp() {
    // Real time, so that a store that deletes what is over deletes nothing of these tests.
    const clock = { time: Date.now(), now: () => clock.time };
    const url = `https://app.example.com/${crypto.randomUUID()}/client.json`;
    return { clock, cache: make(clock), url, client: clientOf(url) };
  }

  describe(`${name} as DocumentCache`, () => {
    test("a client comes back as it was kept, by its own URL alone", async () => {
      const { cache, clock, client, url } = setUp();
      await cache.keep(client, clock.time + HOUR);
      expect(await cache.find(url)).toEqual({ kind: "client", client });
      expect(await cache.find(`${url}x`)).toBeUndefined();
      expect(await cache.find(url.toUpperCase())).toBeUndefined();
    });

    test("a client without a name, at an address of 2,048 characters, comes back as it was kept", async () => {
      const { cache, clock, url } = setUp();
      const { name: _, ...nameless } = clientOf(url.padEnd(2048, "x"));
      await cache.keep({ ...nameless, native: false }, clock.time + HOUR);
      expect(await cache.find(nameless.id)).toEqual({
        kind: "client",
        client: { ...nameless, native: false },
      });
    });

    test("the last client kept counts, for its own time", async () => {
      const { cache, clock, client, url } = setUp();
      await cache.keep(client, clock.time + HOUR);
      const moved = { ...client, redirectUris: ["https://app.example.com/new"] };
      await cache.keep(moved, clock.time + MINUTE);
      await cache.keep(moved, clock.time + MINUTE);
      expect(await cache.find(url)).toEqual({ kind: "client", client: moved });
      clock.time += MINUTE;
      expect(await cache.find(url)).toBeUndefined();
    });

    test("a pause ends with its time, or when a client is kept", async () => {
      const { cache, clock, client, url } = setUp();
      await cache.pause(url, clock.time + MINUTE);
      expect(await cache.find(url)).toEqual({ kind: "paused" });
      clock.time += MINUTE - 1;
      expect(await cache.find(url)).toEqual({ kind: "paused" });
      clock.time += 1;
      expect(await cache.find(url)).toBeUndefined();
      await cache.pause(url, clock.time + MINUTE);
      await cache.keep(client, clock.time + HOUR);
      expect(await cache.find(url)).toEqual({ kind: "client", client });
    });

    test("a pause takes no client's place before its time is over", async () => {
      const { cache, clock, client, url } = setUp();
      await cache.keep(client, clock.time + HOUR);
      await cache.pause(url, clock.time + 2 * HOUR);
      expect(await cache.find(url)).toEqual({ kind: "client", client });
      clock.time += HOUR;
      expect(await cache.find(url)).toBeUndefined();
      await cache.pause(url, clock.time + MINUTE);
      expect(await cache.find(url)).toEqual({ kind: "paused" });
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
