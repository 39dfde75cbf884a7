import { expect, test } from "vitest";
import { describeFailure, runCampaign } from "./campaign.ts";

test("500 sequences of operations, with concurrent writers and failing stores, are as plain folders", async () => {
  const { failure, outcomes, snapshots, deletions, collected } = await runCampaign({
    seed: 20261123,
    runs: 500,
  });
  expect(failure && describeFailure(failure)).toBeUndefined();
  // Both sides of each border were met.
  expect(snapshots).toBeGreaterThan(1_500);
  expect(deletions).toBeGreaterThan(50);
  expect(Math.min(collected.forgotten, collected.erased, collected.packs)).toBeGreaterThan(50);
  for (const kind of ["done", "failed", "dead", "conflict", "not_found", "not_a_directory"]) {
    expect(outcomes[kind], kind).toBeGreaterThan(50);
  }
}, 600_000);
