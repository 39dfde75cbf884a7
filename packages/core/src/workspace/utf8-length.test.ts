import { expect, test } from "vitest";
import { utf8Length } from "./utf8-length.ts";

test.each([
  ["", 0],
  ["a.ts", 4],
  ["ü", 2],
  ["߿", 2],
  ["ࠀ", 3],
  ["€", 3],
  ["\uffff", 3],
  ["😀", 4],
  ["a😀é", 7],
])("%j has %d bytes", (text, bytes) => {
  expect(utf8Length(text)).toBe(bytes);
});
