import { DynamoEventLog } from "@zenode/aws";
import { HOUR, MINUTE, readAhead, type StreamKey } from "@zenode/core";
import { systemClock } from "@zenode/node";
import { startAws } from "../aws/aws-fixture.ts";
import { eventually } from "../harness/eventually.ts";
import type { LocalPath } from "../harness/local-path.ts";
import { answerOf, postModern } from "../harness/wire.ts";
import { followProbe, toProbeArguments, withProbedPath } from "./probed-path.ts";
import type { Row, Section } from "./report.ts";
import { spreadOf } from "./samples.ts";

export interface BurstOptions {
  /** Jobs at work at the same time, and how many of them are followed. */
  readonly jobs: number;
  readonly followed: number;
  /** Workers that are killed. */
  readonly kills: number;
  /** Appends to the log, by each of its writers. */
  readonly appends: number;
}

/** More would wait for the processes of the others' jobs, which start on the same few cores. */
const SUBMITS_AT_ONCE = 6;

/** Ninety processes take their time to start on two cores. */
const START_PATIENCE_MS = 4 * MINUTE;

/** The burst tier under load and after a loss, and its log alone. */
export async function measureBurst(options: BurstOptions): Promise<Section> {
  const alone = await measureKills(options);
  const latencies = await measureCrowd(options);
  const appends = await measureAppends(options);
  return {
    title: `The burst tier under load (${options.jobs} jobs at once) and after losses`,
    rows: [
      toRow("event: worker to client, among all jobs", latencies),
      toRow("kill -9 of the worker to its successor's first event", alone),
      ...appends,
    ],
    verdicts: [],
  };
}

function toRow(name: string, samples: readonly number[]): Row {
  const { n, min, p50, p99 } = spreadOf(samples);
  return { name, n, "p50 ms": p50, "min ms": min, "p99 ms": p99 };
}

/** Latencies of the events of some calls, while as many jobs as are asked for report events too. */
function measureCrowd({ jobs, followed }: BurstOptions): Promise<readonly number[]> {
  return withProbedPath(async (local) => {
    const token = await local.token();
    // Longer than it takes to start them all on a few cores; in the end they are cancelled.
    const call = { events: 300, gapMs: 2000 };
    const submit = async () => {
      const params = { name: "bench_probe", arguments: toProbeArguments(call) };
      const options = { token, tasks: true };
      const { result } = await answerOf(
        await postModern(local.mcpUrl, "tools/call", params, options),
      );
      return String(result?.taskId);
    };
    const others: string[] = [];
    const numbers = Array.from({ length: jobs - followed }, (_, number) => number);
    for await (const task of readAhead(numbers, { items: SUBMITS_AT_ONCE }, submit))
      others.push(task);
    const working = () => local.cloud.ecs.tasks().filter((task) => task.lastStatus === "RUNNING");
    await eventually(
      "all the others to be at work",
      () => working().length === others.length,
      START_PATIENCE_MS,
    );
    const follow = async () => {
      const latencies: number[] = [];
      for await (const { at, event } of followProbe(local, token, { events: 20, gapMs: 500 })) {
        latencies.push(at - event.sentAt);
      }
      return latencies;
    };
    const all = await Promise.all(Array.from({ length: followed }, follow));
    const stop = (taskId: string) =>
      postModern(local.mcpUrl, "tasks/cancel", { taskId }, { token, tasks: true });
    await Promise.all(others.map(stop));
    return all.flat();
  });
}

/** From the kill of a worker in the middle of its work to the first event of the one that takes over. */
function measureKills({ kills }: BurstOptions): Promise<readonly number[]> {
  return withProbedPath(async (local) => {
    const token = await local.token();
    const times: number[] = [];
    while (times.length < kills) times.push(await killOnce(local, token));
    return times;
  });
}

async function killOnce(local: LocalPath, token: string): Promise<number> {
  let killed: { readonly at: number; readonly pid: number } | undefined;
  for await (const { at, event } of followProbe(local, token, { events: 30, gapMs: 100 })) {
    if (!killed) {
      killed = { at: Date.now(), pid: event.pid };
      process.kill(event.pid, "SIGKILL");
    }
    if (event.pid !== killed.pid) return at - killed.at;
  }
  throw new Error("The call ended without a second worker.");
}

/** Appends of one event, by one writer and by eight at once, each to a stream of its own. */
async function measureAppends({ appends }: BurstOptions): Promise<readonly Row[]> {
  await using aws = await startAws();
  const log = new DynamoEventLog({ table: aws.table, clock: systemClock, bucket: aws.bucket });
  const write = async (): Promise<readonly number[]> => {
    const stream: StreamKey = {
      tenant: "t-bench",
      stream: `task_${crypto.randomUUID()}`,
      expiresAt: Date.now() + HOUR,
    };
    const times: number[] = [];
    for (let at = 1; at <= appends; at += 1) {
      const from = performance.now();
      await log.append(stream, at, "w", [{ kind: "progress", data: { progress: at } }]);
      times.push(performance.now() - from);
    }
    return times;
  };
  const measure = async (name: string, writers: number): Promise<Row> => {
    const from = performance.now();
    const times = (await Promise.all(Array.from({ length: writers }, write))).flat();
    const seconds = (performance.now() - from) / 1000;
    return { ...toRow(name, times), "a second": times.length / seconds };
  };
  await measure("warm-up", 1);
  return [
    await measure("log append, one writer", 1),
    await measure("log append, eight writers", 8),
  ];
}
