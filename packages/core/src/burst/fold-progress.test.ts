import { expect, test } from "vitest";
import type { StoredEvent } from "../log/event-log.ts";
import { foldProgress } from "./fold-progress.ts";

const event = (number: number, kind: string, progress = 0): StoredEvent => ({
  number,
  kind,
  data: { progress },
  writer: "w",
});

const numbers = (events: readonly StoredEvent[]) =>
  foldProgress(events).map(({ number }) => number);

test("of all progress the most is kept, where it was, and everything else", () => {
  const first = [event(1, "started"), event(2, "progress", 1), event(3, "progress", 2)];
  const second = [event(4, "started"), event(5, "log"), event(6, "progress", 1), event(7, "end")];
  expect(numbers([...first, ...second])).toEqual([1, 3, 4, 5, 7]);
});

test("without progress nothing changes", () => {
  expect(numbers([event(1, "started"), event(2, "end")])).toEqual([1, 2]);
  expect(numbers([])).toEqual([]);
});
