import { describe, expect, test } from "vitest";
import type { UsageStore } from "../../workspace/storage/usage-store.ts";

/** What every UsageStore keeps. Tenants are new in each test, so one store serves all. */
export function usageStoreContract(name: string, make: () => UsageStore): void {
  const setUp = () => ({ store: make(), tenant: `u-${crypto.randomUUID()}` });

  describe(`${name} keeps the contract of UsageStore`, () => {
    test("adds at the same time add up, by project", async () => {
      const { store, tenant } = setUp();
      await Promise.all(Array.from({ length: 10 }, (_, at) => store.add(tenant, "app", at, 1_000)));
      await store.add(tenant, "web", 7, 2_000);
      await store.add(`${tenant}-2`, "app", 1, 1_000);
      expect(await store.list(tenant)).toEqual([
        { project: "app", bytes: 45, addedAt: 1_000, erased: 0 },
        { project: "web", bytes: 7, addedAt: 2_000, erased: 0 },
      ]);
    });

    test("what is taken back leaves the time of the last add, and makes no count of its own", async () => {
      const { store, tenant } = setUp();
      await store.subtract(tenant, "app", 5);
      expect(await store.list(tenant)).toEqual([]);
      await store.add(tenant, "app", 9, 1_000);
      await store.subtract(tenant, "app", 5);
      expect(await store.list(tenant)).toMatchObject([{ bytes: 4, addedAt: 1_000 }]);
    });

    test("what was collected is taken off, and how many records are gone is known from then on", async () => {
      const { store, tenant } = setUp();
      await store.collected(tenant, "app", { bytes: 5, erased: 3 });
      expect(await store.list(tenant)).toEqual([]);
      await store.add(tenant, "app", 9, 1_000);
      await store.collected(tenant, "app", { bytes: 5, erased: 3 });
      await store.collected(tenant, "app", { bytes: 1, erased: 7 });
      await store.add(tenant, "app", 2, 2_000);
      expect(await store.list(tenant)).toEqual([
        { project: "app", bytes: 5, addedAt: 2_000, erased: 7 },
      ]);
    });

    test("a count is corrected only if nothing was added or taken back since it was seen", async () => {
      const { store, tenant } = setUp();
      await store.add(tenant, "app", 9, 1_000);
      const [seen] = await store.list(tenant);
      if (!seen) throw new Error("There is no count.");
      await store.add(tenant, "app", 0, 2_000);
      const nothing = { bytes: 0, erased: 0 };
      await store.correct(tenant, seen, { bytes: 5, erased: 2 });
      expect(await store.list(tenant)).toMatchObject([{ bytes: 9, addedAt: 2_000, erased: 0 }]);
      await store.correct(tenant, { ...seen, addedAt: 2_000 }, { bytes: 5, erased: 2 });
      expect(await store.list(tenant)).toMatchObject([{ bytes: 5, addedAt: 2_000, erased: 2 }]);
      await store.correct(tenant, seen, nothing);
      const counted = { ...seen, bytes: 5, addedAt: 2_000 };
      await store.correct(tenant, counted, { bytes: 0, erased: 4 });
      expect(await store.list(tenant)).toMatchObject([{ bytes: 0, addedAt: 2_000, erased: 4 }]);
      await store.correct(tenant, { ...counted, bytes: 0 }, nothing);
      expect(await store.list(tenant)).toEqual([]);
    });

    test("a day's uploads never pass the most, however many come at once", async () => {
      const { store, tenant } = setUp();
      const day = Math.floor(Date.now() / 86_400_000);
      expect(await store.addUpload(tenant, day, 11, 10)).toBe(false);
      const taken = await Promise.all(
        Array.from({ length: 8 }, () => store.addUpload(tenant, day, 3, 10)),
      );
      expect(taken.filter(Boolean)).toHaveLength(3);
      expect(await store.addUpload(tenant, day, 1, 10)).toBe(true);
      expect(await store.addUpload(tenant, day, 1, 10)).toBe(false);
      expect(await store.addUpload(tenant, day + 1, 1, 10)).toBe(true);
      expect(await store.list(tenant)).toEqual([]);
    });
  });
}
