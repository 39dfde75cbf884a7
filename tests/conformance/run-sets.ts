import { readFile } from "node:fs/promises";
import path from "node:path";
import type { ParseArgsOptionsConfig } from "node:util";
import { parseExpectedFailures } from "./expected-failures.ts";
import { startHeaderProxy } from "./header-proxy.ts";
import { OLDER_SETS, REQUIRED_SETS, runSuite } from "./suite.ts";
import { judge, type Verdict } from "./verdict.ts";

/** For parseArgs: what both commands that run the suite understand. */
export const SETS_OPTIONS = {
  set: { type: "string", multiple: true },
  timeout: { type: "string" },
  older: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const satisfies ParseArgsOptionsConfig;

export const SETS_USAGE = `  --set <name>         only this set (2025-11-25, 2026-07-28, 2025-06-18, 2025-03-26); may be repeated
  --older              2025-06-18 and 2025-03-26 too
  --timeout <ms>       for one scenario (the suite's own: 30000)
  --json               the verdicts as JSON
`;

export interface SetsRun {
  /** Of a server with the conformance pack. */
  readonly target: URL;
  /** Added to every request. */
  readonly headers: ReadonlyMap<string, string>;
  /** Default: the required ones. */
  readonly set?: readonly string[] | undefined;
  readonly older: boolean;
  /** Milliseconds for one scenario. */
  readonly timeout?: string | undefined;
  readonly json: boolean;
  /** Awaited before each set. */
  readonly ready?: () => Promise<void>;
}

/** Runs sets of the suite and prints a verdict each; 1 where one is not as the list of expected failures says. */
export async function runSets(run: SetsRun): Promise<0 | 1> {
  const { target, headers } = run;
  const proxy = headers.size > 0 ? await startHeaderProxy(target, headers) : undefined;
  try {
    const url = proxy ? new URL(target.pathname, proxy.origin).href : target.href;
    const verdicts = await judgeAll(url, run);
    process.stdout.write(run.json ? `${JSON.stringify(verdicts)}\n` : verdicts.map(show).join(""));
    return verdicts.some(({ unexpected, stale }) => unexpected.length + stale.length > 0) ? 1 : 0;
  } finally {
    await proxy?.close();
  }
}

async function judgeAll(
  url: string,
  { set: wanted, older, timeout, ready }: SetsRun,
): Promise<readonly Verdict[]> {
  const file = path.join(import.meta.dirname, "expected-failures.yaml");
  const listed = parseExpectedFailures(await readFile(file, "utf8"));
  const all = [...REQUIRED_SETS, ...OLDER_SETS];
  const sets = wanted
    ? all.filter(({ name }) => wanted.includes(name))
    : [...REQUIRED_SETS, ...(older ? OLDER_SETS : [])];
  const flags = timeout === undefined ? [] : ["--timeout", timeout];
  const verdicts: Verdict[] = [];
  // One after the other: the scenarios of two sets would slow each other down and run into their timeouts.
  for (const set of sets) {
    await ready?.();
    const outcomes = await runSuite(url, set, flags);
    verdicts.push(judge(set.name, outcomes, listed.get(set.name) ?? new Map()));
  }
  return verdicts;
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
