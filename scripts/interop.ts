import { cp, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { zenode } from "../tests/harness/command-line.ts";
import { type LocalPath, startPath } from "../tests/harness/local-path.ts";
import { measureFolder } from "../tests/harness/measured-tree.ts";
import { localUser } from "../tests/harness/sign-in.ts";
import { ensureClients } from "../tests/interop/install.ts";
import { STEPS, type Step } from "../tests/interop/interop-client.ts";
import { CLIENTS, type ClientOutcome, runClients, TOOLS } from "../tests/interop/run-clients.ts";
import { root } from "./steps.ts";

const USAGE = `usage: npm run interop -- [options]
Real MCP clients against the whole local path and against zenode stdio.
  --only <client>   only clients with this in their name; may be repeated
  --json            the outcomes as JSON
clients: ${CLIENTS.map(({ name }) => name).join(", ")}
`;

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const wanted = values.only.map((text) => text.toLowerCase());
const chosen = CLIENTS.filter(
  ({ name }) => wanted.length === 0 || wanted.some((text) => name.toLowerCase().includes(text)),
);

if (values.help || chosen.length === 0) {
  process.stdout.write(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  await ensureClients();
  process.exitCode = await main();
}

async function main(): Promise<number> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "zenode-interop-"));
  const local = await startPath();
  try {
    await cp(path.join(root, "packages/tools/src"), folder, { recursive: true });
    return await runAll(local, folder);
  } finally {
    await local.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function runAll(local: LocalPath, folder: string): Promise<number> {
  const pushed = await zenode("push", folder, "--project", "interop", "--state", local.state);
  if (pushed.code !== 0) throw new Error(`The push failed: ${pushed.stderr}`);
  const shared = {
    mcpUrl: local.mcpUrl,
    token: await local.token(),
    user: localUser(local, "dev"),
    folder,
    files: (await measureFolder(folder)).files,
    tools: TOOLS,
  };
  const outcomes: ClientOutcome[] = [];
  if (!values.json) process.stdout.write(`${row("client", [...STEPS], "verdict")}\n`);
  for await (const outcome of runClients(chosen, shared)) {
    outcomes.push(outcome);
    if (!values.json) process.stdout.write(`${describe(outcome)}\n`);
  }
  if (values.json) process.stdout.write(`${JSON.stringify(outcomes, null, 2)}\n`);
  return outcomes.some(({ verdict }) => verdict === "fails" || verdict === "stale") ? 1 : 0;
}

function row(client: string, cells: readonly string[], verdict: string): string {
  return [client.padEnd(24), ...cells.map((cell) => cell.padStart(9)), ` ${verdict}`].join("");
}

function describe({ client, steps, verdict, absent, complaints }: ClientOutcome): string {
  const cells = STEPS.map((name) => describeStep(steps, name));
  const lines = [row(client, cells, verdict)];
  if (verdict === "stale") lines.push(`  it is listed as absent, and works: ${absent}`);
  if (verdict === "absent") lines.push(`  as expected: ${absent}`);
  else for (const name of STEPS) if (steps[name]?.error) lines.push(`  ${steps[name].error}`);
  lines.push(...complaints.map((line) => `  it says: ${line}`));
  return lines.join("\n");
}

/** Milliseconds; a step that the client cannot do, or did not get to, is a dash. */
function describeStep(steps: ClientOutcome["steps"], name: Step): string {
  const outcome = steps[name];
  if (!outcome) return "-";
  return outcome.error === undefined ? `${outcome.ms} ms` : "failed";
}
