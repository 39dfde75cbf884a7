import { expect, test } from "vitest";
import { toRustPattern } from "./to-rust-pattern.ts";

test.each([
  ["foo", "\\x{66}\\x{6f}\\x{6f}"],
  ["\\d+", "[0-9]+"],
  ["^\\w*$", "^[0-9A-Za-z_]*$"],
  ["\\ba\\b", "(?-u:\\b)\\x{61}(?-u:\\b)"],
  ["\\A.\\z", "^.$"],
  ["[a&&b]", "[\\x{61}\\x{26}\\x{26}\\x{62}]"],
  ["[]a-c]", "[\\x{5d}\\x{61}-\\x{63}]"],
  ["[^[:alpha:]\\s-]", "[^\\x{a}[:alpha:][\\t\\n\\f\\r ]\\x{2d}]"],
  ["[\\n]", "[^\\x{0}-\\x{10FFFF}]"],
  ["a{2,}{", "\\x{61}{2,}\\x{7b}"],
  ["x{,5}", "\\x{78}\\x{7b}\\x{2c}\\x{35}\\x{7d}"],
  ["(?P<name>a)(?i:b)(?m)(?s-i:c)", "(\\x{61})(?i:\\x{62})(?:)(?-i:\\x{63})"],
  ["\\p{^Greek}\\PL", "\\P{Greek}\\P{L}"],
  ["\\Qa.b\\E+", "\\x{61}\\x{2e}\\x{62}+"],
  ["\\x41\\101\\x{1F600}\\t\\<", "\\x{41}\\x{41}\\x{1f600}\\x{9}\\x{3c}"],
])("%s becomes %s", (re2, rust) => {
  expect(toRustPattern(re2)).toBe(rust);
});

test.each(["a\nb", "a\\nb", "\\x0a", "\\x{a}", "\\B", "a(?i)*", "a(?m){2}"])(
  "%j is refused",
  (re2) => {
    expect(() => toRustPattern(re2)).toThrow(
      expect.objectContaining({ name: "RefusedError", code: "invalid_input" }),
    );
  },
);
