import { expect, test } from "vitest";
import { startMemoryTarget } from "./memory-target.ts";
import { runFuzz } from "./run-fuzz.ts";

test("1,700 requests that are almost right get answers of the protocol [http26-codes]", async () => {
  const target = await startMemoryTarget();
  const figures = await runFuzz(target, { seed: 20260728, cases: 1_700, patienceMs: 3_000 });
  // Both sides of the border were met.
  expect(figures.byStatus["200"]).toBeGreaterThan(100);
  expect(figures.byStatus["400"]).toBeGreaterThan(100);
  await target.close();
});
