import { describe, expect, test } from "vitest";
import { HISTORY_MS, type PlacementHistory } from "../../burst/placement-history.ts";

export type MakePlacementHistory = (clock: { now(): number }) => PlacementHistory;

/** What every PlacementHistory promises. Run it on the memory double and on each adapter. */
export function placementHistoryContract(name: string, make: MakePlacementHistory): void {
  // Real time, so that a store that deletes what is over deletes nothing of these tests.
  const now = Date.now();

  function setUp() {
    const clock = { time: now, now: () => clock.time };
    return { clock, history: make(clock), tenant: `t-${crypto.randomUUID()}` };
  }

  describe(`${name} as PlacementHistory`, () => {
    test("what was learnt is known of this tenant's tool only", async () => {
      const { history, tenant } = setUp();
      expect(await history.factor(tenant, "search_files")).toBe(1);
      await history.learn(tenant, "search_files", { from: 1, to: 2.5, now });
      expect(await history.factor(tenant, "search_files")).toBe(2.5);
      expect(await history.factor(tenant, "read_file")).toBe(1);
      expect(await history.factor(`${tenant}-x`, "search_files")).toBe(1);
    });

    test("of two that learn from the same factor one is kept; repeating it changes nothing", async () => {
      const { history, tenant } = setUp();
      await history.learn(tenant, "search_files", { from: 1, to: 3, now });
      await history.learn(tenant, "search_files", { from: 1, to: 4, now });
      await history.learn(tenant, "search_files", { from: 1, to: 3, now });
      expect(await history.factor(tenant, "search_files")).toBe(3);
      await history.learn(tenant, "search_files", { from: 3, to: 0.5, now });
      expect(await history.factor(tenant, "search_files")).toBe(0.5);
    });

    test("after its time nothing is known, deleted or not, and it can be learnt anew", async () => {
      const { history, tenant, clock } = setUp();
      await history.learn(tenant, "search_files", { from: 1, to: 3, now });
      clock.time = now + HISTORY_MS + 1_000;
      expect(await history.factor(tenant, "search_files")).toBe(1);
      await history.learn(tenant, "search_files", { from: 1, to: 2, now: clock.time });
      expect(await history.factor(tenant, "search_files")).toBe(2);
    });
  });
}
