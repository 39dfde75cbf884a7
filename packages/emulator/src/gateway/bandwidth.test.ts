import { expect, test } from "vitest";
import { Pacer } from "./bandwidth.ts";

const LIMIT = { freeBytes: 1_000, bytesPerSecond: 500 };

test("the first bytes are free, the rest is paid by the second", () => {
  const pacer = new Pacer(LIMIT);
  expect(pacer.wrote(1_000, 0)).toBe(0);
  expect(pacer.wrote(250, 0)).toBe(500);
  expect(pacer.wrote(250, 500)).toBe(500);
});

test("a chunk over the edge pays for its part beyond", () => {
  expect(new Pacer(LIMIT).wrote(1_500, 0)).toBe(1_000);
});

test("time that passed in silence is not saved up", () => {
  const pacer = new Pacer(LIMIT);
  pacer.wrote(1_250, 0);
  expect(pacer.wrote(500, 10_000)).toBe(1_000);
});
