import { parseArgs } from "node:util";
import { runCampaign } from "../tests/faults/campaign.ts";
import { describeRun, summarize } from "../tests/faults/report.ts";
import type { RunReport } from "../tests/faults/run.ts";
import { SCENARIOS } from "../tests/faults/scenarios.ts";

const TOLD_EVERY = 25;

const USAGE = `usage: npm run faults -- [options]
  --runs <n>         in all, scenarios in turn (default 200)
  --scenario <name>  only this one
  --seed <n>         of everything random (default: the time); a failure prints the one of its run:
                     npm run faults -- --scenario <name> --runs 1 --seed <n>
  --json             reports as JSON lines
scenarios: ${SCENARIOS.map(({ name }) => name).join(", ")}
`;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "200" },
    scenario: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const [runs, seed] = [Number(values.runs), Number(values.seed)];
const isKnown = SCENARIOS.some(
  ({ name }) => values.scenario === undefined || name === values.scenario,
);

if (values.help || !(runs >= 1) || !Number.isInteger(seed) || !isKnown) {
  process.stdout.write(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  const show = values.json ? (report: RunReport) => `${JSON.stringify(report)}\n` : tell();
  process.stdout.write(values.json ? "" : `faults: ${runs} runs, seed ${seed}\n`);
  const reports = await runCampaign({
    seed,
    runs,
    ...(values.scenario !== undefined && { scenario: values.scenario }),
    onRun: (report) => process.stdout.write(show(report)),
  });
  if (!values.json) process.stdout.write(summarize(reports));
  if (reports.some(({ violations }) => violations.length > 0)) process.exitCode = 1;
}

/** What was violated, as it happens, and now and then how far it is. */
function tell(): (report: RunReport) => string {
  let done = 0;
  return (report) => {
    done += 1;
    return `${describeRun(report)}${done % TOLD_EVERY === 0 ? `  ${done} runs done\n` : ""}`;
  };
}
