import { parseArgs } from "node:util";
import { describeFailure, runCampaign } from "../tests/workspace/campaign.ts";

const TOLD_EVERY = 500;

const USAGE = `usage: npm run sequences -- [options]
  --runs <n>   sequences of operations on workspaces (default 50000)
  --seed <n>   of the first; the next ones count up (default: the time). A failure prints the one of its sequence:
               npm run sequences -- --runs 1 --seed <n>
`;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "50000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    help: { type: "boolean", default: false },
  },
});
const [runs, seed] = [Number(values.runs), Number(values.seed)];

if (values.help || !(runs >= 1) || !Number.isInteger(seed)) {
  process.stdout.write(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  process.stdout.write(`sequences: ${runs} runs, seed ${seed}\n`);
  const started = performance.now();
  const rate = (done: number) =>
    `${(done / ((performance.now() - started) / 1_000)).toFixed(1)} a second`;
  const report = await runCampaign({
    seed,
    runs,
    onRun: (done) => {
      if (done % TOLD_EVERY === 0) process.stdout.write(`  ${done} done, ${rate(done)}\n`);
    },
  });
  const { steps, snapshots, deletions, collected, outcomes, failure } = report;
  process.stdout.write(
    `  ${report.runs} sequences, ${rate(report.runs)}: ${steps} steps, ${snapshots} snapshots, ${deletions} of them deletions\n` +
      `  collected before the end: ${JSON.stringify(collected)}\n` +
      `  ${JSON.stringify(outcomes)}\n`,
  );
  if (failure) {
    process.stdout.write(`${describeFailure(failure)}\n`);
    process.exitCode = 1;
  }
}
