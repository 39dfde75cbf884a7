import { DAY, newId, SECOND } from "@zenode/core";
import { describe, expect, test } from "vitest";
import type { Family, FamilyStore, Move } from "../../token/family.ts";

const NOW = Date.now();

function makeFamily(change: Partial<Family> = {}): Family {
  return {
    id: newId("grant"),
    ...{ clientId: "client_1", subject: "ada-sub", resource: "https://zenode.example/mcp" },
    scopes: ["zenode/read", "zenode/write"],
    ...{ hash: "h1", movedAt: NOW, keyId: "k1", sealed: "s1" },
    expiresAt: NOW + DAY,
    ...change,
  };
}

function toMove(from: string, to: string, change: Partial<Move> = {}): Move {
  const rest = { movedAt: NOW + SECOND, keyId: "k2", sealed: `sealed for ${to}` };
  return { previousHash: from, hash: to, ...rest, ...change };
}

/** What every FamilyStore keeps. Families are new in each test, so one store serves all. */
export function familyStoreContract(name: string, make: () => FamilyStore): void {
  describe(`${name} keeps the contract of FamilyStore`, () => {
    test("a family is found as it was made, until its time is over", async () => {
      const [store, family] = [make(), makeFamily()];
      expect(await store.find(family.id, NOW)).toBeUndefined();
      expect(await store.create(family)).toBe(true);
      expect(await store.find(family.id, NOW)).toEqual(family);
      expect(await store.find(family.id, family.expiresAt)).toBeUndefined();
    });

    test("its creation may be repeated, and nothing else takes its place", async () => {
      const [store, family] = [make(), makeFamily()];
      expect(await store.create(family)).toBe(true);
      expect(await store.create(family)).toBe(true);
      expect(await store.create({ ...family, hash: "h9" })).toBe(false);
      expect(await store.find(family.id, NOW)).toEqual(family);
    });

    test("it moves from its newest token only", async () => {
      const [store, family] = [make(), makeFamily()];
      expect(await store.move(family.id, toMove("h1", "h2"))).toBe(false);
      await store.create(family);
      expect(await store.move(family.id, toMove("h0", "h2"))).toBe(false);
      expect(await store.move(family.id, toMove("h1", "h2"))).toBe(true);
      expect(await store.move(family.id, toMove("h1", "h3"))).toBe(false);
      expect(await store.find(family.id, NOW)).toEqual({ ...family, ...toMove("h1", "h2") });
    });

    test("of a hundred that move it at once one does", async () => {
      const [store, family] = [make(), makeFamily()];
      await store.create(family);
      const moves = Array.from({ length: 100 }, (_, at) =>
        store.move(family.id, toMove("h1", "h2", { sealed: `${at}` })),
      );
      const done = (await Promise.all(moves)).flatMap((moved, at) => (moved ? [at] : []));
      expect(done).toHaveLength(1);
      expect(await store.find(family.id, NOW)).toMatchObject({ hash: "h2", sealed: `${done[0]}` });
    });

    test("one that was revoked says so for good, and moves no more", async () => {
      const [store, family] = [make(), makeFamily()];
      await store.create(family);
      await store.revoke(family.id, family.expiresAt);
      await store.revoke(family.id, family.expiresAt);
      expect(await store.find(family.id, NOW)).toEqual({ ...family, revoked: true });
      expect(await store.move(family.id, toMove("h1", "h2"))).toBe(false);
      expect(await store.create(family)).toBe(false);
    });

    test("one that was revoked before it was made is never made", async () => {
      const [store, family] = [make(), makeFamily()];
      await store.revoke(family.id, family.expiresAt);
      expect(await store.create(family)).toBe(false);
      expect(await store.find(family.id, NOW)).toBeUndefined();
    });
  });
}
