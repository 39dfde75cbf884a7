import { expect, test } from "vitest";
import { findFolded } from "./folded-paths.ts";

const MAC = { cases: true, compositions: true };
const ACUTE = { composed: "caf\u00e9", decomposed: "cafe\u0301" };

test.each([
  ["names that differ in case", ["a", "A"], [], { a: "A" }],
  ["directories that differ in case", ["Src/a", "src/b"], [], { "src/b": "Src/a" }],
  ["a file and a directory", ["lib", "LIB/x"], [], { lib: "LIB/x" }],
  ["compositions", [ACUTE.composed, ACUTE.decomposed], [], { [ACUTE.composed]: ACUTE.decomposed }],
  ["what is there comes first", ["A"], ["a"], { A: "a" }],
  ["what is there stays, however it is spelled", ["a", "A"], ["a", "A"], {}],
  ["the same directory", ["src/a", "src/b"], [], {}],
  ["other names", ["a", "b", "ab"], [], {}],
])("where a file system folds: %s", (_, paths, present, expected) => {
  expect(Object.fromEntries(findFolded(paths, present, MAC))).toEqual(expected);
});

test("where it does not fold, all paths have their place", () => {
  const paths = ["a", "A", ACUTE.composed, ACUTE.decomposed];
  expect(findFolded(paths, [], { cases: false, compositions: false }).size).toBe(0);
  const cases = findFolded(paths, [], { cases: true, compositions: false });
  expect([...cases]).toEqual([["a", "A"]]);
});
