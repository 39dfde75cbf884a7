import { expect, test } from "vitest";
import { runCampaign } from "./campaign.ts";
import { describeRun, summarize } from "./report.ts";

const RUNS = 50;
const SEED = 20_260_728;

test(`${RUNS} runs with faults end once each, as the model has it`, {
  timeout: 1_200_000,
}, async () => {
  const reports = await runCampaign({ seed: SEED, runs: RUNS });
  process.stdout.write(`seed ${SEED}\n${summarize(reports)}`);
  expect(reports.map(describeRun).filter((text) => text !== "")).toEqual([]);
  expect(reports).toHaveLength(RUNS);
});
