import fc from "fast-check";
import { expect, test } from "vitest";
import { parseGlob, rootOfGlob } from "./parse-glob.ts";

test.each([
  ["*.ts", "a.ts", true],
  ["*.ts", "deep/down/a.ts", true],
  ["*.ts", "a.tsx", false],
  ["*.{js,ts}", "x/a.js", true],
  ["src/*.ts", "src/a.ts", true],
  ["src/*.ts", "src/deep/a.ts", false],
  ["src/**/*.ts", "src/a.ts", true],
  ["src/**/*.ts", "src/x/y/a.ts", true],
  ["/src/**", "src/x", true],
  ["**/test/**", "a/test/b", true],
  [".*", ".env", true],
  ["*", ".env", true],
  ["[ab].c", "a.c", true],
  ["!a.ts", "!a.ts", true],
  ["!a.ts", "b.ts", false],
  ["app/(auth)/*.tsx", "app/(auth)/page.tsx", true],
  ["(a|b).ts", "a.ts", false],
  ["c++.md", "c++.md", true],
])("%s on %s: %s", (glob, path, expected) => {
  expect(parseGlob(glob)(path)).toBe(expected);
});

test("a glob that could run for hours or is empty is refused, one that could be expanded is quick", () => {
  expect(() => parseGlob("*a*a*a*a*a*b")).toThrow(
    expect.objectContaining({ code: "invalid_input" }),
  );
  expect(() => parseGlob("/")).toThrow(expect.objectContaining({ code: "invalid_input" }));
  for (const glob of ["(a+)+b", "((a|aa)+)+b", "+(+(a))b", "{a,{a,{a,a}}}b", "{1..999999999}"]) {
    expect(parseGlob(glob)("a".repeat(200))).toBe(false);
  }
});

test.each([
  ["src/lib/*.ts", "src/lib"],
  ["/src/**", "src"],
  ["app/(auth)/[id]/x", "app/(auth)"],
  ["src/a.ts", "src"],
  ["*.ts", ""],
  ["a.ts", ""],
  ["{a,b}/c", ""],
  ["./src/*", ""],
  ["a/../b/*", "a"],
  ["a//b", "a"],
  [undefined, ""],
])("all matches of %s lie below %j", (glob, root) => {
  expect(rootOfGlob(glob)).toBe(root);
});

test("no match lies elsewhere", () => {
  const name = fc.constantFrom(
    "a",
    "b",
    "ab",
    "*",
    "**",
    "?",
    "[ab]",
    "{a,b}",
    "!a",
    "(a)",
    "..",
    ".",
    "",
  );
  const glob = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
  const path = fc.array(fc.constantFrom("a", "b", "ab", "!a", "(a)"), {
    minLength: 1,
    maxLength: 4,
  });
  let matched = 0;
  fc.assert(
    fc.property(glob, path, (pattern, names) => {
      const found = names.join("/");
      if (pattern === "" || pattern === "/" || !parseGlob(pattern)(found)) return;
      matched += 1;
      const root = rootOfGlob(pattern);
      expect(root === "" || `${found}/`.startsWith(`${root}/`)).toBe(true);
    }),
    { numRuns: 5_000 },
  );
  expect(matched).toBeGreaterThan(50);
});
