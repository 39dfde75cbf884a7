import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";

/** One check of a scenario, as the suite writes it to checks.json. */
interface Check {
  readonly id: string;
  readonly status: "SUCCESS" | "FAILURE" | "WARNING" | "INFO" | "SKIPPED";
  readonly errorMessage?: string;
}

export interface ScenarioOutcome {
  readonly scenario: string;
  readonly passed: number;
  /** One line per check that failed or warned. */
  readonly failures: readonly string[];
}

/** Which scenarios of the suite, as its command line names them. */
export interface SuiteSet {
  readonly name: string;
  readonly flags: readonly string[];
}

export const REQUIRED_SETS: readonly SuiteSet[] = [
  { name: "2025-11-25", flags: ["--requirements", "2025-11-25"] },
  { name: "2026-07-28", flags: ["--requirements", "2026-07-28"] },
];

/** Revisions the suite has no frozen requirements for: all scenarios that apply to them. */
export const OLDER_SETS: readonly SuiteSet[] = ["2025-06-18", "2025-03-26"].map((name) => ({
  name,
  flags: ["--suite", "all", "--spec-version", name],
}));

/** Runs a set against a server and reads what every scenario's checks say. `flags`: further ones of the suite. */
export async function runSuite(
  url: string,
  set: SuiteSet,
  flags: readonly string[] = [],
): Promise<readonly ScenarioOutcome[]> {
  const output = await mkdtemp(path.join(tmpdir(), "zenode-conformance-"));
  try {
    const said = await runCommand(["server", "--url", url, ...set.flags, ...flags, "-o", output]);
    const outcomes = await readOutcomes(output);
    if (outcomes.length === 0)
      throw new Error(`The suite ran no scenario of ${set.name}:\n${said}`);
    return outcomes;
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

/** The suite's exit code says only that something failed, which its checks say better. */
async function runCommand(args: readonly string[]): Promise<string> {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve("@modelcontextprotocol/conformance/package.json");
  const main = path.join(path.dirname(manifest), "dist", "index.js");
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(child, "close");
  return Buffer.concat(chunks).toString().slice(-2000);
}

const FOLDER = /^server-(?<scenario>.+?)-\d{4}-\d{2}-\d{2}T/;

async function readOutcomes(output: string): Promise<readonly ScenarioOutcome[]> {
  const outcomes: ScenarioOutcome[] = [];
  for (const folder of (await readdir(output)).sort()) {
    const scenario = FOLDER.exec(folder)?.groups?.scenario;
    if (scenario === undefined) throw new Error(`The suite wrote an unknown folder: ${folder}`);
    const text = await readFile(path.join(output, folder, "checks.json"), "utf8");
    outcomes.push(toOutcome(scenario, JSON.parse(text) as Check[]));
  }
  return outcomes;
}

function toOutcome(scenario: string, checks: readonly Check[]): ScenarioOutcome {
  const bad = checks.filter(({ status }) => status === "FAILURE" || status === "WARNING");
  return {
    scenario,
    passed: checks.filter(({ status }) => status === "SUCCESS").length,
    failures: bad.map(({ id, status, errorMessage }) => `${status} ${id}: ${errorMessage ?? ""}`),
  };
}
