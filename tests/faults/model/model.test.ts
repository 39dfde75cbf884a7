import { expect, test } from "vitest";
import { goodHistory, OUTCOME } from "./good-history.ts";
import { arn, goodWarmHistory } from "./good-warm-history.ts";
import type { Exchange, Item, Row, RunHistory, Silence } from "./history.ts";
import { checkHistory } from "./model.ts";
import { ordersOf } from "./warm-rules.ts";

const rulesBroken = (history: RunHistory) => checkHistory(history).map(({ rule }) => rule);

const isJob = ({ sk }: Row) => sk === "job";

/** Changes the row that `which` finds first, and what the next row of the item says was before. */
function withRow(history: RunHistory, which: (row: Row) => boolean, change: Item): RunHistory {
  const found = history.rows.findIndex(which);
  const spoilt = history.rows[found] as Row;
  const after = history.rows.findIndex(
    (row, index) => index > found && row.pk === spoilt.pk && isJob(row),
  );
  const rows = history.rows.map((row, index) => {
    if (index === found) return { ...row, now: { ...row.now, ...change } };
    return index === after && isJob(spoilt) ? { ...row, old: { ...row.old, ...change } } : row;
  });
  return { ...history, rows };
}

const inState = (state: string, fence: number) => (row: Row) =>
  isJob(row) && row.now?.state === state && row.now.fence === fence;
const batchAt = (first: number) => (row: Row) => !isJob(row) && Number(row.sk) === first;

/** The history with a further row at its end. */
function withLast(
  history: RunHistory,
  which: (row: Row) => boolean,
  change: Partial<Row>,
): RunHistory {
  const row = { ...(history.rows.find(which) as Row), sequence: 1000, ...change };
  return { ...history, rows: [...history.rows, row] };
}

test("a run whose first worker was killed is as it should be", () => {
  expect(checkHistory(goodHistory())).toEqual([]);
});

test("a client that was told nothing while there was nothing is a long wait, and no more", () => {
  expect(checkHistory(withSilence(goodHistory(), { from: 3000, to: 5007 + 10_000 }))).toEqual([]);
});

type Spoil = (history: RunHistory) => RunHistory;

/** The first client gave its stream up. */
function withSilence(history: RunHistory, silence: Silence): RunHistory {
  const [first, ...others] = history.exchanges as [Exchange];
  return { ...history, exchanges: [{ ...first, silence }, ...others] };
}

const end = (history: RunHistory) => history.rows.find(inState("completed", 2)) as Row;

const SPOILT: Readonly<Record<string, readonly [string, Spoil]>> = {
  "a job that never ended": [
    "one-end",
    (history) => ({ ...history, rows: history.rows.filter((row) => row !== end(history)) }),
  ],
  "a second end": [
    "one-end",
    (history) => withLast(history, inState("completed", 2), { old: end(history).now as Item }),
  ],
  "a fence that falls": [
    "fence",
    (history) => withRow(history, inState("running", 2), { fence: 1 }),
  ],
  "a fence that grows without a claim": [
    "fence",
    (history) => withRow(history, inState("running", 2), { fence: 3 }),
  ],
  "a claim with the fence of before": [
    "fence",
    (history) => withRow(history, inState("claimed", 2), { fence: 1 }),
  ],
  "a holder that changes while it holds": [
    "fence",
    (history) => withRow(history, inState("running", 1), { worker: "arn:another" }),
  ],
  "an end by a fence of before": [
    "outcome",
    (history) => withRow(history, inState("completed", 2), { finishedFence: 1 }),
  ],
  "a result before the end": [
    "outcome",
    (history) => withRow(history, inState("running", 2), { outcome: "{}" }),
  ],
  "a move that does not exist": [
    "moves",
    (history) => withRow(history, inState("running", 1), { state: "parking" }),
  ],
  "a write that nobody saw": [
    "history",
    (history) => ({
      ...history,
      rows: history.rows.filter((row) => !inState("claimed", 2)(row)),
    }),
  ],
  "two jobs of one call at work": [
    "one-job",
    (history) => ({
      ...history,
      rows: [{ ...(history.rows[0] as Row), pk: "T#t#J#task_2" }, ...history.rows],
    }),
  ],
  "a second job of one call after the first was done": [
    "no-repeat",
    (history) => ({
      ...history,
      rows: [...history.rows, { ...(history.rows[0] as Row), pk: "T#t#J#task_2" }],
    }),
  ],
  "an event twice": ["log-twice", (history) => withLast(history, batchAt(5), {})],
  "an event changed": ["log-once", (history) => withLast(history, batchAt(8), { old: {} })],
  "a gap in the log": [
    "log-gap",
    (history) => ({ ...history, rows: history.rows.filter((row) => !batchAt(5)(row)) }),
  ],
  "a batch that claims to hold more": [
    "log-count",
    (history) => withRow(history, batchAt(5), { count: 3 }),
  ],
  "a late worker in the log": [
    "log-fence",
    (history) => withRow(history, batchAt(7), { writer: "fence-1" }),
  ],
  "a log opened with a lower fence": [
    "log-fence",
    (history) => withRow(history, batchAt(4), { events: '[["started",{"fence":1}]]' }),
  ],
  "a log opened before the claim": [
    "log-fence",
    (history) => {
      const claim = history.rows.find(inState("claimed", 2)) as Row;
      const rows = history.rows.map((row) => (row === claim ? { ...row, sequence: 900 } : row));
      const later = rows.map((row) =>
        isJob(row) && row.sequence > 40 ? { ...row, sequence: row.sequence + 900 } : row,
      );
      return { ...history, rows: later };
    },
  ],
  "two ends of the log": [
    "one-end",
    (history) => withLast(history, batchAt(8), { sk: "000000000009" }),
  ],
  "progress that skips a step": [
    "progress",
    (history) => withRow(history, batchAt(7), { events: '[["progress",{"progress":4}]]' }),
  ],
  "an orphan process": [
    "orphan",
    (history) => ({ ...history, left: [{ pid: 1, startedAt: "1" }] }),
  ],
  "a task that still runs": [
    "orphan",
    (history) => ({
      ...history,
      tasks: history.tasks.map((task) => ({ ...task, lastStatus: "RUNNING" })),
    }),
  ],
  "a task that died of itself": [
    "tasks",
    (history) => ({ ...history, tasks: history.tasks.map((task) => ({ ...task, faults: [] })) }),
  ],
  "a holder that was never launched": [
    "tasks",
    (history) => ({ ...history, tasks: history.tasks.slice(1) }),
  ],
  "a run of a task that never held the job": [
    "runs",
    (history) => ({
      ...history,
      lines: history.lines.map((line) => ({ ...line, task: `${line.task}-other` })),
    }),
  ],
  "more runs than claims": [
    "runs",
    (history) => ({ ...history, lines: [...history.lines, ...history.lines] }),
  ],
  "a step left out": [
    "steps",
    (history) => ({
      ...history,
      lines: history.lines.filter((line) => !(line.kind === "step" && line.step === 2)),
    }),
  ],
  "a run that goes on from a step nobody did": [
    "steps",
    (history) => ({
      ...history,
      lines: history.lines.map((line) => (line.kind === "start" ? { ...line, from: 3 } : line)),
    }),
  ],
  "a result that nobody left": [
    "result",
    (history) => ({ ...history, lines: history.lines.filter(({ kind }) => kind !== "end") }),
  ],
  "a result of the worker before": [
    "result",
    (history) => ({
      ...history,
      lines: history.lines.map((line) => (line.kind === "end" ? { ...line, task: "one" } : line)),
    }),
  ],
  "a result in an object that is lost": [
    "result",
    (history) =>
      withRow(history, inState("completed", 2), {
        outcome: JSON.stringify({ ...JSON.parse(OUTCOME), stored: [{}] }),
      }),
  ],
  "another file than was pushed": ["file", (history) => ({ ...history, file: "g" })],
  "a client without an answer": [
    "answer",
    (history) => ({
      ...history,
      exchanges: history.exchanges.map((exchange) => ({ ...exchange, answers: [] })),
    }),
  ],
  "a client with two answers": [
    "answer",
    (history) => ({
      ...history,
      exchanges: history.exchanges.map((one) => ({
        ...one,
        answers: [...one.answers, ...one.answers],
      })),
    }),
  ],
  "a client with another result": [
    "answer",
    (history) => ({
      ...history,
      exchanges: history.exchanges.map((exchange) => ({
        ...exchange,
        answers: [{ kind: "result", digest: "another", isError: false }],
      })),
    }),
  ],
  "a client told of a failure that was none": [
    "answer",
    (history) => ({
      ...history,
      exchanges: history.exchanges.map((exchange) => ({
        ...exchange,
        answers: [{ kind: "failed", text: "-32603" }],
      })),
    }),
  ],
  "progress that goes back in one answer": [
    "progress",
    (history) => ({
      ...history,
      exchanges: history.exchanges.map((one) => ({ ...one, progress: [2, 1, 3] })),
    }),
  ],
  "progress that is less after coming back": [
    "progress",
    (history) => ({
      ...history,
      exchanges: history.exchanges.map((one, index) => ({
        ...one,
        progress: index === 0 ? [1, 2] : [1, 2, 3],
      })),
    }),
  ],
  "a client that was not told of an end": [
    "silence",
    (history) => withSilence(history, { from: 3000, to: 6000 + 10_001 }),
  ],
  "a client that was not told of progress": [
    "silence",
    (history) => withSilence(history, { from: 3000, to: 5007 + 10_001 }),
  ],
  "a client that missed an event": [
    "events",
    (history) => ({
      ...history,
      exchanges: history.exchanges.map((one) => ({ ...one, eventIds: ["s.1", "s.3"] })),
    }),
  ],
  "a client that got an event twice": [
    "events",
    (history) => ({
      ...history,
      exchanges: history.exchanges.map((one) => ({ ...one, eventIds: ["s.1", "s.1"] })),
    }),
  ],
};

test.each(Object.entries(SPOILT))("the model rejects %s", (_, [rule, spoil]) => {
  expect(rulesBroken(spoil(goodHistory()))).toContain(rule);
});

test("a run whose worker took a second job, and died with the order of a third, is as it should be", () => {
  const history = goodWarmHistory();
  expect(checkHistory(history)).toEqual([]);
  expect(ordersOf(history.rows).map(({ job, taken }) => [job, taken])).toEqual([
    ["task_2", true],
    ["task_3", false],
  ]);
});

/** Every row and task as it is, but for those that `change` gives something else for; undefined takes a row away. */
function withRows(history: RunHistory, change: (row: Row) => Row | undefined): RunHistory {
  return { ...history, rows: history.rows.flatMap((row) => change(row) ?? []) };
}

const isOrderOf = (job: string) => (row: Row) => row.now?.job === job && row.old?.job !== job;

/** Changes what an order of `task_2` gave. */
function withOrder(history: RunHistory, change: Partial<Row>, now: Item = {}): RunHistory {
  const isIt = isOrderOf("task_2");
  return withRows(history, (row) =>
    isIt(row) ? { ...row, ...change, now: { ...row.now, ...now } } : row,
  );
}

/** The rows with those that `which` finds put behind the one that `after` finds first. */
function moved(
  history: RunHistory,
  which: (row: Row) => boolean,
  after: (row: Row) => boolean,
): RunHistory {
  const others = history.rows.filter((row) => !which(row));
  const at = others.findIndex(after) + 1;
  const rows = [...others.slice(0, at), ...history.rows.filter(which), ...others.slice(at)];
  return { ...history, rows };
}

const ofJob = (job: string, state?: string) => (row: Row) =>
  isJob(row) && row.pk.endsWith(job) && (state === undefined || row.now?.state === state);
const offerOf = (task: string, number: number) => (row: Row) =>
  row.sk === arn(task) && row.now?.number === number && row.now.job === undefined;

const withStart = (
  history: RunHistory,
  call: string,
  change: Readonly<Record<string, unknown>>,
): RunHistory => ({
  ...history,
  lines: history.lines.map((line) =>
    line.kind === "start" && line.call === call ? { ...line, ...change } : line,
  ),
});

const withTask = (
  history: RunHistory,
  task: string,
  change: Partial<RunHistory["tasks"][number]>,
): RunHistory => ({
  ...history,
  tasks: history.tasks.map((each) => (each.arn === arn(task) ? { ...each, ...change } : each)),
});

const SPOILT_WARM: Readonly<Record<string, readonly [string, Spoil]>> = {
  "an order of another tenant's job": [
    "order",
    (history) => withOrder(history, {}, { job: "task_4" }),
  ],
  "an order to another tenant's worker": [
    "order",
    (history) => withOrder(history, { sk: arn("three") }),
  ],
  "an order in another tenant's partition": [
    "order",
    (history) => withOrder(history, { pk: "T#u#W" }),
  ],
  "an order to a worker of another release": [
    "order",
    (history) => withTask(history, "one", { release: "zenode-worker:2" }),
  ],
  "an order to a worker that nobody launched": [
    "order",
    (history) => withOrder(history, { sk: arn("four") }),
  ],
  "an order of a job that is none": [
    "order",
    (history) => withOrder(history, {}, { job: "task_9" }),
  ],
  "an order over another one": [
    "order",
    (history) => withOrder(history, { old: { until: 1e6, job: "task_1" } }),
  ],
  "an order to a worker that has left": ["order", (history) => withOrder(history, { old: {} })],
  "an order to a worker whose entry is closed": [
    "order",
    (history) => withOrder(history, { old: { until: 0 } }),
  ],
  "a job that a worker takes without an order": [
    "ordered",
    (history) => withRows(history, (row) => (isOrderOf("task_2")(row) ? undefined : row)),
  ],
  "a worker with two jobs": [
    "one-at-a-time",
    (history) => moved(history, ofJob("task_1", "completed"), ofJob("task_2", "claimed")),
  ],
  "a worker that offers itself with a job": [
    "waits-idle",
    (history) => moved(history, ofJob("task_1", "completed"), offerOf("one", 1)),
  ],
  "an entry that goes while its worker has the job": [
    "waits-idle",
    (history) =>
      moved(
        history,
        (row) => row.sk === arn("one") && row.now === undefined,
        ofJob("task_2", "running"),
      ),
  ],
  "a job that its dead worker kept": [
    "one-end",
    (history) => withRows(history, (row) => (ofJob("task_3", "completed")(row) ? undefined : row)),
  ],
  "an entry of a dead worker that can be ordered": [
    "entry",
    (history) => ({
      ...withRows(history, (row) =>
        row.sk === arn("one") && (row.now === undefined || isOrderOf("task_3")(row))
          ? undefined
          : row,
      ),
      endedAt: 0,
    }),
  ],
  "an entry of a worker that left by itself": [
    "entry",
    (history) =>
      withRows(history, (row) =>
        row.sk === arn("two") && row.now === undefined ? undefined : row,
      ),
  ],
  "a worker that stays after its time": [
    "overstay",
    (history) => withTask(history, "two", { stoppedAt: 60_000 }),
  ],
  "a worker that never leaves": [
    "orphan",
    (history) => withTask(history, "two", { lastStatus: "RUNNING" }),
  ],
  "a worker that waits where none is to": [
    "warm-off",
    (history) => ({ ...history, lingers: false }),
  ],
  "a job that finds a file of the one before": [
    "traces",
    (history) => withStart(history, "0.1", { found: ["file left-by-run-0.0"] }),
  ],
  "two tenants in one process": [
    "tenant",
    (history) => withStart(history, "1.0", { processes: [{ pid: 3, startedAt: "one" }] }),
  ],
  "a tool that is told another tenant": [
    "tenant",
    (history) => withStart(history, "0.1", { tenant: "u" }),
  ],
  "a tool that is told another user of the tenant": [
    "caller",
    (history) => withStart(history, "0.1", { user: "ann" }),
  ],
  "another call's result": [
    "answer",
    (history) => {
      const [first, ...others] = history.exchanges;
      const answers = others[0]?.answers ?? [];
      return { ...history, exchanges: first ? [{ ...first, answers }, ...others] : [] };
    },
  ],
};

test.each(Object.entries(SPOILT_WARM))(
  "the model of warm workers rejects %s",
  (_, [rule, spoil]) => {
    expect(rulesBroken(spoil(goodWarmHistory()))).toContain(rule);
  },
);
