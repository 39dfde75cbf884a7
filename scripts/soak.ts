import { parseArgs } from "node:util";
import { startMemoryTarget } from "../tests/fuzz/memory-target.ts";
import { startPathTarget } from "../tests/fuzz/path-target.ts";
import { type FuzzFigures, runFuzz } from "../tests/fuzz/run-fuzz.ts";
import type { FuzzTarget } from "../tests/fuzz/target.ts";

const USAGE = `usage: npm run soak -- [options]
  --cases <n>   requests in all, a tenth of them over the whole path (default 20000)
  --seed <n>    of the requests (default: the time); a failure prints the one to repeat
`;

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "20000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    help: { type: "boolean", default: false },
  },
});
const [cases, seed] = [Number(values.cases), Number(values.seed)];

if (values.help || !(cases >= 10) || !Number.isInteger(seed)) {
  process.stdout.write(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  const overPath = Math.round(cases / 10);
  await soak("the endpoint over memory stores", startMemoryTarget, cases - overPath);
  await soak("the whole path", startPathTarget, overPath);
}

async function soak(name: string, start: () => Promise<FuzzTarget>, count: number): Promise<void> {
  process.stdout.write(`${name}: ${count} requests, seed ${seed}\n`);
  const target = await start();
  try {
    show(await runFuzz(target, { seed, cases: count, patienceMs: 10_000 }));
  } finally {
    await target.close();
  }
}

function show({ cases: sent, seconds, slowestMs, byStatus, left }: FuzzFigures): void {
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([key, count]) => `${key}: ${count}`)
      .join(", ");
  process.stdout.write(
    `  no fault in ${sent}, ${seconds.toFixed(1)} s, slowest ${slowestMs.toFixed(0)} ms\n` +
      `  by status  ${list(byStatus)}\n  left       ${list(left)}\n`,
  );
}
