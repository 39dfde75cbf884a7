import { expect, test } from "vitest";
import { leavesTree } from "./link-target.ts";

test.each([
  ["a", "b"],
  ["a", "./b/c"],
  ["src/a", "../b"],
  ["src/lib/a", "../../b"],
  ["src/a", ".."],
  ["a", "b/"],
  ["a", "."],
])("a link at %s to %s stays inside", (path, target) => {
  expect(leavesTree(path, target)).toBe(false);
});

test.each([
  ["a", "/etc/passwd"],
  ["a", ".."],
  ["a", "../b"],
  ["src/a", "../../b"],
  ["src/a", "./../../b"],
  ["a", ""],
  ["a", "b\0c"],
  ["a", "b\\c"],
  // As many letters as a target may have bytes, of two bytes each: no reader would take it.
  ["a", "ü".repeat(4_096)],
  // `b` may be a link itself: where `b/..` lies can't be told from the text.
  ["src/a", "b/.."],
  ["src/a", "b/../c"],
])("a link at %s to %j could leave", (path, target) => {
  expect(leavesTree(path, target)).toBe(true);
});
