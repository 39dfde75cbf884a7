import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { parseExpectedFailures } from "./expected-failures.ts";
import { startHeaderProxy } from "./header-proxy.ts";
import { OLDER_SETS, REQUIRED_SETS, runSuite } from "./suite.ts";
import { judge, type Verdict } from "./verdict.ts";

const USAGE = `usage: node tests/conformance/run.ts [options]
  --url <url>          a server with the conformance pack (npm run conformance starts one)
  --header <n: v>      a header to add to every request; may be repeated
  --set <name>         only this set (2025-11-25, 2026-07-28, 2025-06-18, 2025-03-26); may be repeated
  --older              2025-06-18 and 2025-03-26 too
  --timeout <ms>       for one scenario (the suite's own: 30000)
  --json               the verdicts as JSON
`;

const { values } = parseArgs({
  options: {
    url: { type: "string" },
    header: { type: "string", multiple: true, default: [] },
    set: { type: "string", multiple: true },
    timeout: { type: "string" },
    older: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) process.stdout.write(USAGE);
else process.exitCode = await main();

async function main(): Promise<number> {
  if (values.url === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const target = new URL(values.url);
  const proxy = values.header.length > 0 ? await startHeaderProxy(target, headers()) : undefined;
  try {
    const url = proxy ? new URL(target.pathname, proxy.origin).href : target.href;
    const verdicts = await judgeAll(url);
    process.stdout.write(
      values.json ? `${JSON.stringify(verdicts)}\n` : verdicts.map(show).join(""),
    );
    return verdicts.some(({ unexpected, stale }) => unexpected.length + stale.length > 0) ? 1 : 0;
  } finally {
    await proxy?.close();
  }
}

async function judgeAll(url: string): Promise<readonly Verdict[]> {
  const file = path.join(import.meta.dirname, "expected-failures.yaml");
  const listed = parseExpectedFailures(await readFile(file, "utf8"));
  const all = [...REQUIRED_SETS, ...OLDER_SETS];
  const sets = values.set
    ? all.filter(({ name }) => values.set?.includes(name))
    : [...REQUIRED_SETS, ...(values.older ? OLDER_SETS : [])];
  const flags = values.timeout === undefined ? [] : ["--timeout", values.timeout];
  const verdicts: Verdict[] = [];
  // One after the other: the scenarios of two sets would slow each other down and run into their timeouts.
  for (const set of sets) {
    const outcomes = await runSuite(url, set, flags);
    verdicts.push(judge(set.name, outcomes, listed.get(set.name) ?? new Map()));
  }
  return verdicts;
}

function headers(): ReadonlyMap<string, string> {
  return new Map(
    values.header.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    }),
  );
}

function show({ set, passed, failed, unexpected, expected, stale }: Verdict): string {
  const lines = [`${set}: ${passed} passed, ${failed} failed`];
  for (const { scenario, failures } of unexpected) {
    lines.push(`  ${scenario}`, ...failures.map((failure) => `    ${failure}`));
  }
  if (expected.length > 0) {
    lines.push(`  expected: ${expected.map(({ scenario }) => scenario).join(", ")}`);
  }
  lines.push(...stale.map((scenario) => `  stale: ${scenario} passes, take it off the list`));
  return `${lines.join("\n")}\n`;
}
