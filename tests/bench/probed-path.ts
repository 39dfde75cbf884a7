import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { bundle, ENTRIES, WORKER_BUNDLE } from "../../scripts/bundles.ts";
import { type LocalPath, type PathOptions, startPath } from "../harness/local-path.ts";
import type { ProbeEvent } from "./entries/probe-tool.ts";
import { checkAnswer, postStreamed, toModernCall, type WireMessage } from "./modern-call.ts";

const PROBED: Readonly<Record<string, string>> = {
  mcp: "tests/bench/entries/mcp.ts",
  [WORKER_BUNDLE]: "tests/bench/entries/main.ts",
};

/** Runs work over the whole path with the probe in its catalogue. */
export async function withProbedPath<T>(
  use: (local: LocalPath) => Promise<T>,
  options: Omit<PathOptions, "bundles"> = {},
): Promise<T> {
  const bundles = await mkdtemp(path.join(os.tmpdir(), "zenode-bench-probe-"));
  await bundle(
    ENTRIES.map(({ name, source }) => ({ name, source: PROBED[name] ?? source })),
    bundles,
  );
  const local = await startPath({ ...options, bundles });
  try {
    return await use(local);
  } finally {
    await local.close();
    await rm(bundles, { recursive: true, force: true });
  }
}

export interface ProbeCall {
  readonly events: number;
  /** Mean time between two events. */
  readonly gapMs: number;
}

/** Arguments of a call that is no other's. */
export function toProbeArguments({ events, gapMs }: ProbeCall) {
  return { nonce: randomUUID(), events, gap_ms: gapMs };
}

/** A probe's event, as it arrived at the client. */
export interface Arrival {
  readonly at: number;
  readonly event: ProbeEvent;
}

/** Calls the probe and follows it to its end. */
export async function* followProbe(
  { mcpUrl }: LocalPath,
  token: string,
  call: ProbeCall,
): AsyncGenerator<Arrival> {
  const wire = toModernCall("bench_probe", toProbeArguments(call), { token, progress: true });
  let last: WireMessage | undefined;
  for await (const message of postStreamed(mcpUrl, wire)) {
    last = message;
    if (message.method !== "notifications/progress") continue;
    yield { at: Date.now(), event: JSON.parse(message.params?.message ?? "") as ProbeEvent };
  }
  checkAnswer(last);
}
