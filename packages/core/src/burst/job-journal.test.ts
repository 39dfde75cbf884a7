import { expect, test } from "vitest";
import { MemoryEventLog } from "../testing/event-log-memory.ts";
import { FencedError, JobJournal } from "./job-journal.ts";

const clock = { now: () => 1000, sleep: () => Promise.resolve() };
const stream = { tenant: "t-a", stream: "task_1", expiresAt: 1e15 };

function setUp() {
  const log = new MemoryEventLog(clock);
  const journal = (fence: number) => new JobJournal({ log, stream, fence, clock });
  const kinds = async () =>
    (await log.readAfter(stream, 0)).map(({ kind, writer }) => `${writer}:${kind}`);
  return { log, journal, kinds };
}

test("events are stored in order, without gaps", async () => {
  const { log, journal } = setUp();
  const writer = journal(1);
  await writer.open({ attempt: 1 });
  for (let n = 0; n < 120; n += 1) writer.add({ kind: "progress", data: { progress: n } });
  await writer.flush();
  const events = await log.readAfter(stream, 0);
  expect(events.map(({ number }) => number)).toEqual(
    Array.from({ length: 121 }, (_, index) => index + 1),
  );
  expect(events.slice(1).map(({ data }) => data)).toEqual(
    Array.from({ length: 120 }, (_, progress) => ({ progress })),
  );
});

test("a worker that was replaced can write nothing more", async () => {
  const { journal, kinds } = setUp();
  const old = journal(1);
  await old.open({});
  const fresh = journal(2);
  await fresh.open({});
  old.add({ kind: "progress", data: {} });
  await expect(old.flush()).rejects.toThrow(FencedError);
  old.add({ kind: "progress", data: {} });
  fresh.add({ kind: "progress", data: {} });
  await fresh.flush();
  await expect(old.flush()).rejects.toThrow(FencedError);
  expect(await kinds()).toEqual(["fence-1:started", "fence-2:started", "fence-2:progress"]);
});

test("a slow worker does not take the log back from its successor", async () => {
  const { journal, kinds } = setUp();
  const successor = journal(2);
  await successor.open({});
  await expect(journal(1).open({})).rejects.toThrow(FencedError);
  successor.add({ kind: "end", data: {} });
  await successor.flush();
  expect(await kinds()).toEqual(["fence-2:started", "fence-2:end"]);
  await expect(journal(3).open({})).rejects.toThrow(FencedError);
});

test("two that open at once: the higher fence has the log in the end", async () => {
  const { journal, kinds } = setUp();
  const [low, high] = [journal(1), journal(2)];
  const outcomes = await Promise.allSettled([low.open({}), high.open({})]);
  expect(outcomes[1].status).toBe("fulfilled");
  high.add({ kind: "progress", data: {} });
  await high.flush();
  low.add({ kind: "progress", data: {} });
  await expect(low.flush()).rejects.toThrow(FencedError);
  expect((await kinds()).at(-1)).toBe("fence-2:progress");
});
