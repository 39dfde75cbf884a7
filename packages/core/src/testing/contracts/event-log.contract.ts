import { describe, expect, test } from "vitest";
import type { Clock } from "../../lib/clock.ts";
import { HOUR } from "../../lib/duration.ts";
import { END, type EventLog, type StreamKey } from "../../log/event-log.ts";

/** A log that knows the time from the given clock; a stream's name is new in every test. */
export type MakeEventLog = (clock: Pick<Clock, "now">) => EventLog | Promise<EventLog>;

/** Of today: a table that really deletes what has expired must not take these items for old ones. */
const START = Date.now();

/** What every EventLog promises. Run it on the memory double and on each adapter. */
export function eventLogContract(name: string, make: MakeEventLog): void {
  const clock = { time: START, now: () => clock.time };
  const newStream = (): StreamKey => ({
    tenant: "t-contract",
    stream: `task_${crypto.randomUUID()}`,
    expiresAt: START + HOUR,
  });
  const note = (data: string) => ({ kind: "note", data });
  const numbersAndData = async (log: EventLog, stream: StreamKey, after: number) =>
    (await log.readAfter(stream, after)).map(({ number, data }) => [number, data]);

  describe(`${name} as EventLog`, () => {
    test("a stream nobody wrote to is empty", async () => {
      const log = await make(clock);
      expect(await log.readAfter(newStream(), 0)).toEqual([]);
    });

    test("events come back in order, numbered from 1, with kind, data and writer", async () => {
      const log = await make(clock);
      const stream = newStream();
      const data = { progress: 1, nested: [null, true, "ü"] };
      expect(await log.append(stream, 1, "w1", [{ kind: "progress", data }, note("b")])).toBe(
        "appended",
      );
      expect(await log.append(stream, 3, "w2", [{ kind: END, data: {} }])).toBe("appended");
      expect(await log.readAfter(stream, 0)).toEqual([
        { number: 1, kind: "progress", data, writer: "w1" },
        { number: 2, kind: "note", data: "b", writer: "w1" },
        { number: 3, kind: END, data: {}, writer: "w2" },
      ]);
    });

    test("reading after a number passes over what came before it, inside a batch too", async () => {
      const log = await make(clock);
      const stream = newStream();
      await log.append(stream, 1, "w1", [note("a"), note("b"), note("c")]);
      await log.append(stream, 4, "w1", [note("d")]);
      expect(await numbersAndData(log, stream, 1)).toEqual([
        [2, "b"],
        [3, "c"],
        [4, "d"],
      ]);
      expect(await numbersAndData(log, stream, 4)).toEqual([]);
    });

    test("a second writer at a taken place is told so and changes nothing", async () => {
      const log = await make(clock);
      const stream = newStream();
      await log.append(stream, 1, "w1", [note("a"), note("b")]);
      expect(await log.append(stream, 1, "w2", [note("x"), note("y")])).toBe("taken");
      expect(await numbersAndData(log, stream, 0)).toEqual([
        [1, "a"],
        [2, "b"],
      ]);
    });

    test("the same writer repeating its append is told it is stored, once", async () => {
      const log = await make(clock);
      const stream = newStream();
      expect(await log.append(stream, 1, "w1", [note("a"), note("b")])).toBe("appended");
      expect(await log.append(stream, 1, "w1", [note("a"), note("b")])).toBe("appended");
      expect(await numbersAndData(log, stream, 0)).toHaveLength(2);
    });

    test("of many writers at one place exactly one wins, with all of its events", async () => {
      const log = await make(clock);
      const stream = newStream();
      const writers = ["w1", "w2", "w3", "w4", "w5"];
      const outcomes = await Promise.all(
        writers.map((writer) => log.append(stream, 1, writer, [note(writer), note(writer)])),
      );
      expect(outcomes.filter((outcome) => outcome === "appended")).toHaveLength(1);
      const winner = writers[outcomes.indexOf("appended")];
      expect(await numbersAndData(log, stream, 0)).toEqual([
        [1, winner],
        [2, winner],
      ]);
    });

    test("streams of one name in two tenants are two streams", async () => {
      const log = await make(clock);
      const stream = newStream();
      await log.append(stream, 1, "w1", [note("a")]);
      expect(await log.readAfter({ ...stream, tenant: "t-other" }, 0)).toEqual([]);
    });

    test("a long stream is read in pages without gaps", async () => {
      const log = await make(clock);
      const stream = newStream();
      const block = "x".repeat(150_000);
      for (let at = 1; at <= 10; at += 1) await log.append(stream, at, "w1", [note(block)]);
      const numbers: number[] = [];
      for (let after = 0; ; after = numbers.at(-1) ?? 0) {
        const page = await log.readAfter(stream, after);
        if (page.length === 0) break;
        numbers.push(...page.map(({ number }) => number));
      }
      expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    });

    test("a stream whose time is over reads as empty, deleted or not", async () => {
      const log = await make(clock);
      const stream = newStream();
      await log.append(stream, 1, "w1", [note("a")]);
      clock.time = START + HOUR + 1;
      try {
        expect(await log.readAfter(stream, 0)).toEqual([]);
      } finally {
        clock.time = START;
      }
    });
  });
}
