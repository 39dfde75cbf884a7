import { expect, test } from "vitest";
import { QuickCalls } from "./quick-calls.ts";

/** How many of a hundred calls are answered at once when those with these numbers take 5 ms. */
function answered(slow: readonly number[]): number {
  let time = 0;
  const calls = new QuickCalls(() => time);
  const made = Array.from({ length: 100 }, (_, number) =>
    calls.now(() => {
      time += slow.includes(number) ? 5 : 0.01;
      return number;
    }),
  );
  return made.filter((answer) => answer !== undefined).length;
}

test("calls are answered at once, also after one that was interrupted now and then", () => {
  expect(answered([])).toBe(100);
  expect(answered([10, 50, 90])).toBe(100);
});

test("after two slow ones the next have threads, and then it is tried again", () => {
  expect(answered([10, 12])).toBe(100 - 32);
  expect(answered([10, 12, 50])).toBe(100 - 64);
});

test("a call that fails fails, and counts by its time", () => {
  let time = 0;
  const calls = new QuickCalls(() => time);
  const fails = () => {
    time += 5;
    throw new Error("no");
  };
  expect(() => calls.now(fails)).toThrow("no");
  expect(() => calls.now(fails)).toThrow("no");
  expect(calls.now(fails)).toBeUndefined();
});
