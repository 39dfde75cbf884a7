import { expect, test } from "vitest";
import type { Item, Row } from "../faults/model/history.ts";
import { beyondBound, turnsOf } from "./ring-turns.ts";

const row = (pk: string, sk: string, now: Item, old?: Item): Row => ({
  sequence: 0,
  at: 0,
  pk,
  sk,
  now,
  ...(old && { old }),
});
const moved = (tenant: string, from: number, to: number) =>
  row("QUEUE", tenant, { turn: to }, { turn: from });
const launched = (tenant: string, job: string) =>
  row(`T#${tenant}#J#${job}`, "job", { state: "queued", awaitedUntil: 9 });

test("turns are told by the table's writes: others' launches and one's own tries since the last", () => {
  const rows = [
    row("QUEUE", "a", { turn: 1 }),
    row("QUEUE", "b", { turn: 2 }),
    row("T#a#J#1", "job", { state: "queued" }),
    moved("a", 1, 3),
    launched("a", "1"),
    row("T#a#J#1", "job", { state: "claimed" }),
    moved("b", 2, 4),
    moved("b", 4, 2),
    moved("a", 3, 5),
    launched("a", "2"),
    moved("b", 2, 6),
    launched("b", "3"),
    launched("other", "4"),
  ];
  expect(turnsOf(rows, new Set(["a", "b"]))).toEqual([
    { tenant: "a", others: 0, tries: 1 },
    { tenant: "a", others: 0, tries: 1 },
    { tenant: "b", others: 2, tries: 2 },
  ]);
});

test.each([
  ["each other tenant once", { others: 19, tries: 1 }, 1, 0],
  ["one more", { others: 20, tries: 1 }, 1, 1],
  ["each once for each try", { others: 38, tries: 2 }, 1, 0],
  ["one for each dispatcher beside", { others: 41, tries: 2 }, 4, 0],
  ["and no more than that", { others: 43, tries: 2 }, 4, 2],
])("a turn may be passed by %s", (_, turn, dispatchers, beyond) => {
  expect(beyondBound({ tenant: "a", ...turn }, { tenants: 20, dispatchers })).toBe(beyond);
});
