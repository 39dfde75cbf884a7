import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { catalogue } from "@zenode/tools";
import { claudeCode } from "./clients/claude-code.ts";
import { inspector } from "./clients/inspector.ts";
import { mcpRemote } from "./clients/mcp-remote.ts";
import { sdkClients } from "./clients/sdk.ts";
import {
  type Absence,
  type InteropClient,
  STEPS,
  type Step,
  type Target,
} from "./interop-client.ts";

export const CLIENTS: readonly InteropClient[] = [
  ...sdkClients,
  ...mcpRemote,
  ...inspector,
  ...claudeCode,
];

/** What a client must see. */
export const TOOLS: readonly string[] = [...catalogue.map(({ name }) => name), "task"].sort();

export interface StepOutcome {
  readonly ms: number;
  /** Absent: it went well. */
  readonly error?: string;
}

/** How a client fared. `stale`: it works, and should not be listed as absent. */
export interface ClientOutcome {
  readonly client: string;
  readonly verdict: "works" | "fails" | "absent" | "stale";
  readonly steps: { readonly [S in Step]?: StepOutcome };
  readonly absent?: string;
  readonly complaints: readonly string[];
}

/** One after the other: two at once would tell the times of both. */
export async function* runClients(
  clients: readonly InteropClient[],
  shared: Omit<Target, "home" | "top">,
): AsyncGenerator<ClientOutcome> {
  for (const [index, client] of clients.entries()) {
    const home = await mkdtemp(path.join(os.tmpdir(), "zenode-home-"));
    try {
      yield await runClient(client, { ...shared, home, top: index + 1 });
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  }
}

async function runClient(client: InteropClient, target: Target): Promise<ClientOutcome> {
  const open = client.open(target);
  const steps: { [S in Step]?: StepOutcome } = {};
  let error: string | undefined;
  try {
    for (const name of STEPS) {
      const step = open.steps[name];
      if (!step || error !== undefined) continue;
      const outcome = await runStep(step);
      steps[name] = outcome;
      error = outcome.error;
    }
  } finally {
    await open.close();
  }
  const { name, absent } = client;
  return {
    client: name,
    verdict: judge(error, absent),
    steps,
    ...(absent && { absent: absent.reason }),
    complaints: open.complaints(),
  };
}

function judge(error: string | undefined, absent: Absence | undefined): ClientOutcome["verdict"] {
  if (error === undefined) return absent ? "stale" : "works";
  return absent?.error.test(error) ? "absent" : "fails";
}

async function runStep(step: () => Promise<void>): Promise<StepOutcome> {
  const started = performance.now();
  const error = await step().then(
    () => undefined,
    (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
  );
  const ms = Math.round(performance.now() - started);
  return { ms, ...(error !== undefined && { error }) };
}
