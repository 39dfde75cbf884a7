import { MINUTE } from "@zenode/core";
import { describe, expect, test } from "vitest";
import type { AwayRecord, AwayStore } from "../../authorize/away-store.ts";

const NOW = Date.now();

function makeRecord(): AwayRecord {
  return {
    hash: crypto.randomUUID(),
    browser: "browser-1",
    request: {
      client: {
        ...{ id: "client_1", kind: "registered", name: "Größe", native: true },
        redirectUris: ["http://127.0.0.1:7/callback", "https://app.example/callback"],
      },
      ...{ redirectUri: "http://127.0.0.1:8/callback", state: "s", challenge: "c" },
      ...{ resource: "https://zenode.example/mcp", scopes: ["zenode/read", "zenode/write"] },
    },
    expiresAt: NOW + MINUTE,
  };
}

const by = (attempt: string, browser = "browser-1", now = NOW) => ({ attempt, browser, now });

/** What every AwayStore keeps. Records are new in each test, so one store serves all. */
export function awayStoreContract(name: string, make: () => AwayStore): void {
  describe(`${name} keeps the contract of AwayStore`, () => {
    test("what was added is taken once, as it was; the same attempt may be repeated", async () => {
      const [store, record] = [make(), makeRecord()];
      expect(await store.take(record.hash, by("a"))).toBeUndefined();
      await store.add(record);
      expect(await store.take(record.hash, by("a"))).toEqual(record);
      expect(await store.take(record.hash, by("a"))).toEqual(record);
      expect(await store.take(record.hash, by("b"))).toBeUndefined();
    });

    test("another browser takes nothing, and leaves it there", async () => {
      const [store, record] = [make(), makeRecord()];
      await store.add(record);
      expect(await store.take(record.hash, by("a", "browser-2"))).toBeUndefined();
      expect(await store.take(record.hash, by("b"))).toEqual(record);
    });

    test("nobody takes it when its time is over", async () => {
      const [store, record] = [make(), makeRecord()];
      await store.add(record);
      const late = by("a", "browser-1", record.expiresAt);
      expect(await store.take(record.hash, late)).toBeUndefined();
    });

    test("of a hundred at once one takes it, and none takes another's place", async () => {
      const [store, record] = [make(), makeRecord()];
      await store.add(record);
      const again = store.add({ ...record, browser: "browser-2" });
      await expect(again).rejects.toMatchObject({ name: "ConflictError" });
      const takes = Array.from({ length: 100 }, (_, at) => store.take(record.hash, by(`a${at}`)));
      expect((await Promise.all(takes)).filter((taken) => taken !== undefined)).toEqual([record]);
    });
  });
}
