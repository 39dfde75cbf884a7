import { expect, test } from "vitest";
import { goodHistory, OUTCOME } from "./good-history.ts";
import type { Exchange, Item, Row, RunHistory, Silence } from "./history.ts";
import { checkHistory } from "./model.ts";

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
