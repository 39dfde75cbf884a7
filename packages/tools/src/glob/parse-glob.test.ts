import { expect, test } from "vitest";
import { parseGlob } from "./parse-glob.ts";

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

test("a glob that could run for hours is refused, one that could be expanded is quick", () => {
  expect(() => parseGlob("*a*a*a*a*a*b")).toThrow(
    expect.objectContaining({ code: "invalid_input" }),
  );
  for (const glob of ["(a+)+b", "((a|aa)+)+b", "+(+(a))b", "{a,{a,{a,a}}}b", "{1..999999999}"]) {
    expect(parseGlob(glob)("a".repeat(200))).toBe(false);
  }
});
