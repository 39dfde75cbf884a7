import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { MINUTE } from "@zenode/core";
import { bundle, ENTRIES, WORKER_BUNDLE } from "../../scripts/bundles.ts";
import { eventually } from "../harness/eventually.ts";
import { type LocalPath, type PathOptions, startPath } from "../harness/local-path.ts";
import type { ProbeEvent } from "./entries/probe-tool.ts";
import { checkAnswer, postStreamed, toModernCall, type WireMessage } from "./modern-call.ts";
import type { Row, Section } from "./report.ts";
import { median, spreadOf } from "./samples.ts";

const EVENT_TARGET_MS = 150;
const WARM_TARGET_MS = 1000;
/** Jobs of one warm worker between two looks at its memory. */
const MEMORY_JOBS = 50;
const MIB = 1024 * 1024;
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
  readonly first: ProbeEvent;
}

export interface HandoffOptions {
  readonly calls: number;
  /** Calls that report many events. */
  readonly talkative: number;
}

/**
 * Calls handed to workers: cold ones, without the time Fargate takes to provide a machine, and warm
 * ones, to a worker that lingers after its tenant's last call.
 */
export async function measureHandoff(options: HandoffOptions): Promise<Section> {
  const bundles = await mkdtemp(path.join(os.tmpdir(), "zenode-bench-probe-"));
  await bundle(
    ENTRIES.map(({ name, source }) => ({ name, source: PROBED[name] ?? source })),
    bundles,
  );
  try {
    const cold = await measureOn({ bundles, template: { lingerMs: 0 } }, (call) =>
      measureCold(call, options),
    );
    // Longer than the paid minute: the jobs of one worker are counted, not its time.
    const warm = await measureOn({ bundles, template: { lingerMs: MINUTE } }, (call, local) =>
      measureWarm(waitingFor(local, call), options),
    );
    return toSection(cold, warm);
  } finally {
    await rm(bundles, { recursive: true, force: true });
  }
}

type Call = (events: number, collect?: boolean) => Promise<Handoff>;

async function measureOn<T>(
  options: PathOptions,
  measure: (call: Call, local: LocalPath) => Promise<T>,
): Promise<T> {
  const local = await startPath(options);
  try {
    const token = await local.token();
    return await measure((...probe) => probeOnce(local, token, ...probe), local);
  } finally {
    await local.close();
  }
}

/** Calls that begin when the worker of the one before waits: a client thinks for longer than that takes. */
function waitingFor(local: LocalPath, call: Call): Call {
  let calls = 0;
  const waits = () => local.logs.filter(({ text }) => String(text).includes('"waiting"')).length;
  return async (...probe) => {
    const handoff = await call(...probe);
    calls += 1;
    await eventually("the worker to wait", () => waits() === calls);
    return handoff;
  };
}

interface Cold {
  readonly short: readonly Handoff[];
  readonly latencies: readonly number[];
}

async function measureCold(call: Call, { calls, talkative }: HandoffOptions): Promise<Cold> {
  await call(1);
  const short = await repeat(calls, () => call(1));
  const long = await repeat(talkative, () => call(EVENTS));
  return { short, latencies: long.flatMap((each) => each.latencies) };
}

interface Warm {
  readonly short: readonly Handoff[];
  /** Before and after `MEMORY_JOBS` jobs of one worker. */
  readonly before: ProbeEvent;
  readonly after: ProbeEvent;
}

async function measureWarm(call: Call, { calls }: HandoffOptions): Promise<Warm> {
  // The first is cold; by the time of the tenth the process has loaded what it will.
  await repeat(10, () => call(1));
  const { first: before } = await call(1, true);
  const many = await repeat(MEMORY_JOBS, () => call(1));
  const { first: after } = await call(1, true);
  if ([...many, { first: after }].some(({ first }) => first.processAt !== before.processAt)) {
    throw new Error("Not all calls went to the one warm worker.");
  }
  return { short: many.slice(0, calls), before, after };
}

async function repeat(count: number, act: () => Promise<Handoff>): Promise<readonly Handoff[]> {
  const all: Handoff[] = [];
  while (all.length < count) all.push(await act());
  return all;
}

/** The clocks of the processes are the machine's, so times of one can be taken from those of another. */
async function probeOnce(
  local: LocalPath,
  token: string,
  events: number,
  collect = false,
): Promise<Handoff> {
  const args = { nonce: randomUUID(), events, collect, gap_ms: events === 1 ? 0 : GAP_MS };
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
    first: first.event,
  };
}

function toSection(cold: Cold, warm: Warm): Section {
  const row = (name: string, samples: readonly number[]): Row => {
    const { n, min, p50, p99 } = spreadOf(samples);
    return { name, n, "p50 ms": p50, "min ms": min, "p99 ms": p99 };
  };
  const toClient = ({ toClientMs }: Handoff) => toClientMs;
  const rows = ([name, of]: readonly [string, (handoff: Handoff) => number]) => [
    row(`cold: ${name}`, cold.short.map(of)),
    row(`warm: ${name}`, warm.short.map(of)),
  ];
  const memory = (name: string, bytes: number): Row => ({ name, MiB: bytes / MIB });
  return {
    title:
      "Handoff to a worker, cold (no provisioning time; AWS adds 45 to 90 s) and warm, and its events",
    rows: [
      row(
        "cold: call to the worker's process",
        cold.short.map(({ toProcessMs }) => toProcessMs),
      ),
      ...rows(["call to the tool's first line", ({ toToolMs }) => toToolMs]),
      ...rows(["call to its first event at the client", toClient]),
      ...rows(["call to its result", ({ wholeMs }) => wholeMs]),
      row("event: worker to client", cold.latencies),
      memory("warm worker's heap after a collection, 11th job", warm.before.heapBytes),
      memory(`the same, ${MEMORY_JOBS} jobs later`, warm.after.heapBytes),
      memory("its resident memory, 11th job", warm.before.residentBytes),
      memory(`the same, ${MEMORY_JOBS} jobs later`, warm.after.residentBytes),
    ],
    verdicts: [
      { name: "event p50 ms", value: median(cold.latencies), atMost: EVENT_TARGET_MS },
      {
        name: "warm: first event at the client p50 ms",
        value: median(warm.short.map(toClient)),
        atMost: WARM_TARGET_MS,
      },
    ],
  };
}
