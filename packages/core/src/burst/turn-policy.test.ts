import { expect, test } from "vitest";
import type { Place } from "./launch-queue.ts";
import { lastTurn, nextPlace } from "./turn-policy.ts";

const place = (tenant: string, turn: number): Place => ({ tenant, turn, joined: 1 });
const ring = (...places: Place[]) => ({ places, closedUntil: 0 });

test.each([
  ["who was served longest ago", [place("t-a", 30), place("t-b", 10), place("t-c", 20)], "t-b"],
  ["the first by name of those who came at once", [place("t-b", 10), place("t-a", 10)], "t-a"],
  ["nobody where nobody waits", [], undefined],
])("it is the turn of %s", (_, places, tenant) => {
  expect(nextPlace(ring(...places))?.tenant).toBe(tenant);
});

test.each([
  ["now", [place("t-a", 30)], 100, 100],
  ["behind one whose clock is ahead", [place("t-a", 130)], 100, 131],
])("the last turn is %s", (_, places, now, turn) => {
  expect(lastTurn(ring(...places), now)).toBe(turn);
});
