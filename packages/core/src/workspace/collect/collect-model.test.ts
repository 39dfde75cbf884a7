import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY, HOUR, MINUTE } from "../../lib/duration.ts";
import { allPages } from "../../testing/all-pages.ts";
import { InterleavedWorkspace, PROJECT, TENANT } from "../../testing/interleaved-workspace.ts";

/**
 * Pushes, edits, restores, deletions, jobs and collectors, one request of one of them after the other, in any order and broken off
 * anywhere. What is held at every step stands in `InterleavedWorkspace.check`.
 */
const command = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("start" as const), who: fc.nat() }) },
  {
    weight: 16,
    arbitrary: fc.record({
      kind: fc.constant("step" as const),
      who: fc.nat(),
      requests: fc.integer({ min: 1, max: 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("break" as const), who: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("advance" as const),
      ms: fc.constantFrom(MINUTE, 10 * MINUTE, HOUR, 11 * HOUR, DAY, 25 * HOUR, 26 * HOUR),
    }),
  },
);

test("whoever got a snapshot within a day finds its packs, and in the end nothing is left that no snapshot needs", async () => {
  const seen = { commits: 0, forgotten: 0, removed: 0, broken: 0, restored: 0, deleted: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { minLength: 40, maxLength: 120, size: "max" }),
      async (commands) => {
        const world = await InterleavedWorkspace.begun();
        for (const each of commands) {
          if (each.kind === "start") world.start(each.who);
          else if (each.kind === "step") await world.step(each.who, each.requests);
          else if (each.kind === "break") await world.break(each.who);
          else await world.advance(each.ms);
          world.check();
        }
        await world.end();
        world.check();
        seen.commits += world.commits;
        seen.forgotten += world.forgotten;
        seen.removed += world.removed;
        seen.broken += world.broken;
        seen.restored += world.restored;
        seen.deleted += world.deleted;
        await checkEnd(world);
      },
    ),
    // A failure is told while it is still being made smaller.
    { numRuns: 200, interruptAfterTimeLimit: 45_000 },
  );
  // The model is worth nothing where nothing happens.
  expect(seen.commits).toBeGreaterThan(500);
  expect(seen.forgotten).toBeGreaterThan(100);
  expect(seen.removed).toBeGreaterThan(100);
  expect(seen.broken).toBeGreaterThan(100);
  expect(seen.restored).toBeGreaterThan(50);
  expect(seen.deleted).toBeGreaterThan(50);
});

async function checkEnd(world: InterleavedWorkspace): Promise<void> {
  const { snapshots, packs, usage } = world.workspace;
  const records = await allPages(snapshots.records(TENANT, PROJECT));
  const named = new Set(records.flatMap((record) => record.packs.map(({ id }) => id)));
  const stored = await allPages(packs.list(TENANT, PROJECT));
  expect(stored.map(({ id }) => id).sort()).toEqual([...named].sort());
  expect(records.filter(({ forgottenAt }) => forgottenAt !== undefined)).toEqual([]);
  expect(records.length).toBeLessThanOrEqual(3);
  const counted = (await usage.list(TENANT)).reduce((sum, { bytes }) => sum + bytes, 0);
  expect(counted).toBe(stored.reduce((sum, { bytes }) => sum + bytes, 0));
  for (const { number } of records) await world.readWhole(number);
}
