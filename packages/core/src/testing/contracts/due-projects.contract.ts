import { describe, expect, test } from "vitest";
import type { DueProjects } from "../../workspace/collect/due-projects.ts";
import { allPages } from "../all-pages.ts";

/** What every DueProjects keeps. All tenants share one list; tenants are new in each test. */
export function dueProjectsContract(name: string, make: () => DueProjects): void {
  const setUp = () => {
    const store = make();
    const tenant = `u-${crypto.randomUUID()}`;
    const due = async (now: number) => {
      const projects = await allPages(store.due(now));
      return projects.filter((project) => project.tenant === tenant);
    };
    /** The one project, as somebody sees it who comes late enough. */
    const see = async () => {
      const [seen] = await due(Number.MAX_SAFE_INTEGER);
      if (!seen) throw new Error("Nothing is due.");
      return seen;
    };
    return { store, tenant, due, see };
  };

  describe(`${name} keeps the contract of DueProjects`, () => {
    test("a noted project is due from its time on", async () => {
      const { store, tenant, due } = setUp();
      await store.note(tenant, "app", 1_000, 5_000);
      await store.note(tenant, "web.1", 1_000, 6_000);
      expect(await due(4_999)).toEqual([]);
      expect(await due(5_000)).toEqual([{ tenant, project: "app", dueAt: 5_000, notedAt: 1_000 }]);
      expect((await due(6_000)).map(({ project }) => project)).toEqual(["app", "web.1"]);
    });

    test("noting again moves the note, not the time: who commits every day is still looked at", async () => {
      const { store, tenant, see } = setUp();
      await store.note(tenant, "app", 1_000, 5_000);
      await store.note(tenant, "app", 4_000, 8_000);
      expect(await see()).toMatchObject({ dueAt: 5_000, notedAt: 4_000 });
    });

    test("of many who claim a project one gets it, and it is due again when the claim is over", async () => {
      const { store, tenant, due, see } = setUp();
      await store.note(tenant, "app", 1_000, 5_000);
      const seen = await see();
      const claims = await Promise.all(
        Array.from({ length: 6 }, (_, at) => store.claim(seen, 9_000 + at)),
      );
      const won = claims.filter((claim) => claim !== undefined);
      expect(won).toEqual([await see()]);
      expect(await due(8_999)).toEqual([]);
      expect(await due(10_000)).toHaveLength(1);
    });

    test("a claim ends with a later time, or with nothing left to do", async () => {
      const { store, tenant, due, see } = setUp();
      await store.note(tenant, "app", 1_000, 5_000);
      const claimed = await store.claim(await see(), 9_000);
      if (!claimed) throw new Error("The claim was lost.");
      await store.postpone(claimed, 20_000);
      expect(await see()).toMatchObject({ dueAt: 20_000, notedAt: 1_000 });
      await store.drop({ ...claimed, dueAt: 20_000 });
      expect(await due(Number.MAX_SAFE_INTEGER)).toEqual([]);
      expect(await store.claim(claimed, 30_000)).toBeUndefined();
      expect(await due(Number.MAX_SAFE_INTEGER)).toEqual([]);
    });

    test("a claim that is over changes nothing any more", async () => {
      const { store, tenant, see } = setUp();
      await store.note(tenant, "app", 1_000, 5_000);
      const late = await store.claim(await see(), 9_000);
      const next = await store.claim(await see(), 15_000);
      if (!late || !next) throw new Error("A claim was lost.");
      await store.postpone(late, 40_000);
      await store.drop(late);
      expect(await see()).toEqual(next);
    });

    test("what was noted since the claim is not dropped", async () => {
      const { store, tenant, see } = setUp();
      await store.note(tenant, "app", 1_000, 5_000);
      const claimed = await store.claim(await see(), 9_000);
      if (!claimed) throw new Error("The claim was lost.");
      await store.note(tenant, "app", 6_000, 7_000);
      await store.drop(claimed);
      expect(await see()).toMatchObject({ dueAt: 9_000, notedAt: 6_000 });
    });
  });
}
