import { expect, test } from "vitest";
import type { Clock } from "../lib/clock.ts";
import { MemoryEventLog } from "../testing/event-log-memory.ts";
import { END, type LogEvent, type StreamKey } from "./event-log.ts";
import { findEnd } from "./find-end.ts";
import { tail } from "./tail.ts";

const STREAM: StreamKey = { tenant: "t", stream: "task_1", expiresAt: 1_000_000 };
const note = (data: string): LogEvent => ({ kind: "note", data });
const end: LogEvent = { kind: END, data: {} };

/** A clock that writes down how long it was asked to sleep, and does something instead. */
function sleeper(onSleep: (count: number) => Promise<unknown> | undefined) {
  const slept: number[] = [];
  let now = 0;
  const clock: Clock = {
    now: () => now,
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
      await onSleep(slept.length);
    },
  };
  return { clock, slept };
}

async function collect(events: AsyncIterable<{ number: number }>): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { number } of events) numbers.push(number);
  return numbers;
}

const pace = { fastestMs: 100, slowestMs: 150 };
const signal = new AbortController().signal;

test("events come as they are written, up to the END event", async () => {
  const log = new MemoryEventLog({ now: () => 0 });
  await log.append(STREAM, 1, "w", [note("a"), note("b")]);
  const { clock } = sleeper((count) =>
    count === 1 ? log.append(STREAM, 3, "w", [note("c"), end]) : undefined,
  );
  expect(await collect(tail(log, STREAM, { after: 1, clock, signal, pace }))).toEqual([2, 3, 4]);
});

test("it looks less and less often while nothing comes, and quickly again when something did", async () => {
  const log = new MemoryEventLog({ now: () => 0 });
  const { clock, slept } = sleeper((count) => {
    if (count === 4) return log.append(STREAM, 1, "w", [note("a")]);
    return count === 5 ? log.append(STREAM, 2, "w", [end]) : undefined;
  });
  await collect(tail(log, STREAM, { after: 0, clock, signal, pace }));
  expect(slept).toEqual([100, 125, 150, 150, 100]);
});

test("an aborted signal ends it", async () => {
  const log = new MemoryEventLog({ now: () => 0 });
  const stop = new AbortController();
  const { clock } = sleeper((count) => {
    if (count === 3) stop.abort();
    return undefined;
  });
  expect(await collect(tail(log, STREAM, { after: 0, clock, signal: stop.signal }))).toEqual([]);
});

test("a writer that died is noticed, and its last words are not lost", async () => {
  const log = new MemoryEventLog({ now: () => 0 });
  const { clock } = sleeper(() => undefined);
  let asked = 0;
  const stillOpen = async () => {
    asked += 1;
    if (asked === 1) return true;
    await log.append(STREAM, 1, "w", [note("last words")]);
    return false;
  };
  const options = { after: 0, clock, signal, pace, stillOpen, quietMs: 1000 };
  expect(await collect(tail(log, STREAM, options))).toEqual([1]);
  expect(asked).toBe(2);
});

test("the end of a stream is found, ended or not", async () => {
  const log = new MemoryEventLog({ now: () => 0 });
  expect(await findEnd(log, STREAM)).toEqual({ next: 1, ended: false });
  await log.append(STREAM, 1, "w", [note("a"), note("b")]);
  expect(await findEnd(log, STREAM)).toEqual({ next: 3, ended: false });
  await log.append(STREAM, 3, "w", [end]);
  expect(await findEnd(log, STREAM, 2)).toEqual({ next: 4, ended: true });
});

test("who comes late is told less of what is stored, and everything that comes then", async () => {
  const log = new MemoryEventLog({ now: () => 0 });
  await log.append(STREAM, 1, "w", [note("a"), note("b")]);
  const { clock } = sleeper((count) =>
    count === 1 ? log.append(STREAM, 3, "w", [note("c"), note("d"), end]) : undefined,
  );
  const catchUp = <T>(events: readonly T[]) => events.slice(-1);
  expect(await collect(tail(log, STREAM, { after: 0, clock, signal, pace, catchUp }))).toEqual([
    2, 3, 4, 5,
  ]);
});

test("a stream that has ended is told once to who comes late", async () => {
  const log = new MemoryEventLog({ now: () => 0 });
  await log.append(STREAM, 1, "w", [note("a"), note("b"), end]);
  const { clock, slept } = sleeper(() => undefined);
  const catchUp = <T>(events: readonly T[]) => events.slice(-1);
  expect(await collect(tail(log, STREAM, { after: 0, clock, signal, pace, catchUp }))).toEqual([3]);
  expect(slept).toEqual([]);
});
