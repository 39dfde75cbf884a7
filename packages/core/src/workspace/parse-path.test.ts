import fc from "fast-check";
import { expect, test } from "vitest";
import { comparePaths, parsePath, parseProjectName } from "./parse-path.ts";

test.each([
  "",
  "a",
  "src/index.ts",
  ".gitignore",
  ".git-blame-ignore-revs",
  "a.git/config",
  "git/x",
  "...",
  "a b/ü/日本/🚀.txt",
  "-rf",
  "C:",
  `${"x".repeat(255)}/y`,
])("%j is a path", (path) => {
  expect(parsePath(path)).toBe(path);
});

test.each([
  "/etc/passwd",
  "/",
  "..",
  "../x",
  "a/../../b",
  "a/..",
  ".",
  "./a",
  "a/./b",
  "a//b",
  "a/",
  ".git",
  "a/.git/hooks/pre-commit",
  ".GIT/config",
  "git~1/config",
  ".git./x",
  ".git .. /x",
  ".git::$INDEX_ALLOCATION",
  ".g\u200cit/config",
  "\ufeff.Git",
  "a\\b",
  "..\\b",
  "a\0b",
  "a\nb",
  "a\u007fb",
  "a\u0085b",
  "\ud800",
  "x".repeat(256),
  "ü".repeat(128),
  Array.from({ length: 2_049 }, () => "a").join("/"),
])("%j is refused", (path) => {
  expect(() => parsePath(path)).toThrow(expect.objectContaining({ code: "invalid_path" }));
});

test("project names are short, lower-case and safe in keys", () => {
  for (const name of ["a", "app", "my-app_2.0", `a${"b".repeat(63)}`]) {
    expect(parseProjectName(name)).toBe(name);
  }
  for (const name of ["", "A", "-a", ".a", "a/b", "a b", "ä", `a${"b".repeat(64)}`, "a\n"]) {
    expect(() => parseProjectName(name)).toThrow(
      expect.objectContaining({ code: "invalid_input" }),
    );
  }
});

test("paths are ordered name by name, names by their UTF-8 bytes", () => {
  const sorted = ["A", "a", "a/b", "a/b/c", "a/z", "a.txt", "ab", "b", "ü", "\uffee", "🚀"];
  expect(sorted.toReversed().sort(comparePaths)).toEqual(sorted);
});

test("the order of names is that of Buffer.compare", () => {
  const name = fc.string({ unit: "binary" }).filter((text) => !text.includes("/"));
  fc.assert(
    fc.property(name, name, (a, b) => {
      expect(Math.sign(comparePaths(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});
