import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { bundle, ENTRIES, WORKER_BUNDLE } from "../../scripts/bundles.ts";
import { type LocalPath, startPath } from "../harness/local-path.ts";
import type { ProbeEvent } from "./entries/probe-tool.ts";
import { checkAnswer, postStreamed, toModernCall, type WireMessage } from "./modern-call.ts";
import type { Row, Section } from "./report.ts";
import { median, spreadOf } from "./samples.ts";

const EVENT_TARGET_MS = 150;
/** Events of one call whose latency is measured, and the mean time between them. */
const EVENTS = 40;
const GAP_MS = 150;

const PROBED: Readonly<Record<string, string>> = {
  mcp: "tests/bench/entries/mcp.ts",
  [WORKER_BUNDLE]: "tests/bench/entries/main.ts",
};

interface Handoff {
  readonly toProcessMs: number;
  readonly toToolMs: number;
  readonly toClientMs: number;
  readonly wholeMs: number;
  /** From the worker's report of an event to its arrival at the client. */
  readonly latencies: readonly number[];
}

export interface HandoffOptions {
  readonly calls: number;
  /** Calls that report many events. */
  readonly talkative: number;
}

/** A call handed to a worker, without the time Fargate takes to provide one. */
export async function measureHandoff({ calls, talkative }: HandoffOptions): Promise<Section> {
  const bundles = await mkdtemp(path.join(os.tmpdir(), "zenode-bench-probe-"));
  await bundle(
    ENTRIES.map(({ name, source }) => ({ name, source: PROBED[name] ?? source })),
    bundles,
  );
  const local = await startPath({ bundles });
  try {
    const token = await local.token();
    await probeOnce(local, token, 1);
    const short: Handoff[] = [];
    for (let count = 0; count < calls; count += 1) short.push(await probeOnce(local, token, 1));
    const latencies: number[] = [];
    for (let count = 0; count < talkative; count += 1)
      latencies.push(...(await probeOnce(local, token, EVENTS)).latencies);
    return toSection(short, latencies);
  } finally {
    await local.close();
    await rm(bundles, { recursive: true, force: true });
  }
}

/** The clocks of the processes are the machine's, so times of one can be taken from those of another. */
async function probeOnce(local: LocalPath, token: string, events: number): Promise<Handoff> {
  const args = { nonce: randomUUID(), events, gap_ms: events === 1 ? 0 : GAP_MS };
  const called = Date.now();
  const arrived: { readonly at: number; readonly event: ProbeEvent }[] = [];
  let last: WireMessage | undefined;
  for await (const message of postStreamed(
    local.mcpUrl,
    toModernCall("bench_probe", args, { token, progress: true }),
  )) {
    last = message;
    if (message.method !== "notifications/progress") continue;
    arrived.push({
      at: Date.now(),
      event: JSON.parse(message.params?.message ?? "") as ProbeEvent,
    });
  }
  checkAnswer(last);
  const [first] = arrived;
  if (!first) throw new Error("The probe reported nothing.");
  return {
    toProcessMs: first.event.processAt - called,
    toToolMs: first.event.toolAt - called,
    toClientMs: first.at - called,
    wholeMs: Date.now() - called,
    latencies: arrived.map(({ at, event }) => at - event.sentAt),
  };
}

function toSection(handoffs: readonly Handoff[], latencies: readonly number[]): Section {
  const row = (name: string, samples: readonly number[]): Row => {
    const { n, min, p50, p99 } = spreadOf(samples);
    return { name, n, "p50 ms": p50, "min ms": min, "p99 ms": p99 };
  };
  const of = (field: Exclude<keyof Handoff, "latencies">) => handoffs.map((each) => each[field]);
  return {
    title: "Handoff to a worker (no provisioning time; AWS adds 45 to 90 s) and its events",
    rows: [
      row("call to the worker's process", of("toProcessMs")),
      row("call to the tool's first line", of("toToolMs")),
      row("call to its first event at the client", of("toClientMs")),
      row("call to its result", of("wholeMs")),
      row("event: worker to client", latencies),
    ],
    verdicts: [{ name: "event p50 ms", value: median(latencies), atMost: EVENT_TARGET_MS }],
  };
}
