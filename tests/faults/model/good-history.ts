import type { Item, Row, RunHistory, ToolLine } from "./history.ts";
import { digestOf } from "./worker-rules.ts";

const JOB = "task_1";
const RELEASE = "zenode-worker:1";
const TEXT = "the result";
const DIGEST = digestOf(TEXT);
export const OUTCOME = JSON.stringify({
  kind: "result",
  result: { content: [{ type: "text", text: TEXT }] },
});
const arn = (task: string) => `arn:aws:ecs:us-east-1:000000000000:task/zenode/${task}`;

const base = { fence: 0, attempts: 0, state: "queued", cancelRequested: false };
const first = { fence: 1, attempts: 1, worker: arn("one") };
const second = { fence: 2, attempts: 2, worker: arn("two") };

/** A job's states in order: its first worker is killed after two steps, its second one ends it. */
const STATES: readonly Item[] = [
  base,
  { ...base, ...first, state: "claimed" },
  { ...base, ...first, state: "running" },
  { ...base, ...first, state: "queued" },
  { ...base, ...second, state: "claimed" },
  { ...base, ...second, state: "running" },
  { ...base, ...second, state: "completed", outcome: OUTCOME, finishedFence: 2 },
];

const progress = (step: number) => ["progress", { progress: step, total: 3 }];

/** Number of the first event, who wrote, what, and after which state of the job. */
const BATCHES = [
  { at: 1, writer: "fence-1", events: [["started", { fence: 1 }]], after: 1 },
  { at: 2, writer: "fence-1", events: [progress(1), progress(2)], after: 2 },
  { at: 4, writer: "fence-2", events: [["started", { fence: 2 }]], after: 4 },
  { at: 5, writer: "fence-2", events: [progress(1), progress(2)], after: 5 },
  { at: 7, writer: "fence-2", events: [progress(3)], after: 5 },
  { at: 8, writer: "fence-2", events: [["end", { state: "completed" }]], after: 6 },
];

function jobWrites(): Row[] {
  return STATES.map((now, index) => {
    const old = STATES[index - 1];
    return {
      sequence: 10 * index,
      at: 1000 * index,
      pk: `T#t#J#${JOB}`,
      sk: "job",
      ...(old && { old }),
      now,
    };
  });
}

function logWrites(): Row[] {
  return BATCHES.map(({ at, writer, events, after }) => ({
    sequence: 10 * after + at,
    at: 1000 * after + at,
    pk: `T#t#L#${JOB}`,
    sk: String(at).padStart(12, "0"),
    now: { writer, count: events.length, events: JSON.stringify(events) },
  }));
}

function toolLines(): ToolLine[] {
  const told = { tenant: "t", user: "u", found: [], checkpoints: false, from: 0 };
  const start = { ...told, kind: "start", processes: [] } as const;
  const one = { run: "run-1", task: "one" };
  const two = { run: "run-2", task: "two" };
  return [
    { ...one, ...start },
    { ...one, kind: "file", digest: "f" },
    ...[1, 2].map((step) => ({ ...one, kind: "step" as const, step })),
    { ...two, ...start },
    { ...two, kind: "file", digest: "f" },
    ...[1, 2, 3].map((step) => ({ ...two, kind: "step" as const, step })),
    { ...two, kind: "end", digest: DIGEST },
  ];
}

/** A run as it should be, for tests that spoil it. */
export function goodHistory(): RunHistory {
  const task = { job: JOB, tenant: "t", release: RELEASE, lastStatus: "STOPPED", exitCode: 0 };
  return {
    steps: 3,
    file: "f",
    cancelled: [],
    lingers: false,
    users: {},
    endedAt: 0,
    troubled: false,
    rows: [...jobWrites(), ...logWrites()].sort((a, b) => a.sequence - b.sequence),
    tasks: [
      { ...task, arn: arn("one"), exitCode: 137, faults: ["kill"] },
      { ...task, arn: arn("two"), faults: [] },
    ],
    lines: toolLines(),
    exchanges: [
      { client: "first", progress: [1, 2], eventIds: ["s.1", "s.2", "s.3"], answers: [] },
      {
        client: "second",
        progress: [2, 3],
        eventIds: ["u.1", "u.2"],
        answers: [{ kind: "result", digest: DIGEST, isError: false }],
      },
    ],
    objects: {},
    left: [],
  };
}
