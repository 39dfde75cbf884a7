import { expect, test } from "vitest";
import { startPathTarget } from "./path-target.ts";
import { runFuzz } from "./run-fuzz.ts";

test("300 requests that are almost right get answers of the protocol over the whole path", async () => {
  const target = await startPathTarget();
  try {
    const figures = await runFuzz(target, { seed: 20251125, cases: 300, patienceMs: 10_000 });
    expect(figures.byStatus["200"]).toBeGreaterThan(20);
    expect(figures.byStatus["400"]).toBeGreaterThan(20);
  } finally {
    await target.close();
  }
});
