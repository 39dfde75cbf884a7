import { expect, test } from "vitest";
import { itemBytes } from "./item-size.ts";

test.each([
  ["a name and a string in UTF-8", { pk: { S: "äb" } }, 5],
  ["a number by its significant digits", { n: { N: "1200" } }, 3],
  ["a negative number", { n: { N: "-1.5" } }, 4],
  ["binary by its bytes", { b: { B: "AP8H" } }, 4],
  ["true and null with one byte", { t: { BOOL: true }, z: { NULL: true } }, 4],
  ["a set by its members", { s: { SS: ["ab", "c"] } }, 4],
  ["a list with its overhead", { l: { L: [{ S: "ab" }, { S: "c" }] } }, 9],
  ["a map with its overhead", { m: { M: { k: { S: "v" } } } }, 7],
])("counts %s", (_, item, bytes) => {
  expect(itemBytes(item)).toBe(bytes);
});
