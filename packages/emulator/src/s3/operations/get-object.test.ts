import { expect, test } from "vitest";
import { parseRange, slicesOf } from "./get-object.ts";

test.each([
  ["bytes=0-3", 10, { start: 0, bytes: 4 }],
  ["bytes=4-", 10, { start: 4, bytes: 6 }],
  ["bytes=-3", 10, { start: 7, bytes: 3 }],
  ["bytes=-30", 10, { start: 0, bytes: 10 }],
  ["bytes=8-99", 10, { start: 8, bytes: 2 }],
  [undefined, 10, undefined],
  ["bytes=-", 10, undefined],
  ["bytes=5-2", 10, undefined],
  ["bytes=0-1,4-5", 10, undefined],
  ["chars=0-1", 10, undefined],
])("the range %s of %d bytes is %j", (header, size, range) => {
  expect(parseRange(header, size)).toEqual(range);
});

test.each([
  ["bytes=10-", 10],
  ["bytes=10-12", 10],
  ["bytes=-0", 10],
  ["bytes=0-0", 0],
])("the range %s of %d bytes is not satisfiable", (header, size) => {
  expect(() => parseRange(header, size)).toThrow(expect.objectContaining({ code: "InvalidRange" }));
});

test("a range over several parts is cut at their borders", () => {
  const parts = [
    { blob: "a", bytes: 4 },
    { blob: "b", bytes: 0 },
    { blob: "c", bytes: 4 },
    { blob: "d", bytes: 4 },
  ];
  expect(slicesOf(parts, { start: 2, bytes: 7 })).toEqual([
    { blob: "a", start: 2, bytes: 2 },
    { blob: "c", start: 0, bytes: 4 },
    { blob: "d", start: 0, bytes: 1 },
  ]);
  expect(slicesOf(parts, { start: 0, bytes: 0 })).toEqual([]);
});
