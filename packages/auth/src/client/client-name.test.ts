import { expect, test } from "vitest";
import { cleanClientName } from "./client-name.ts";

test.each([
  ["Example MCP Client", "Example MCP Client"],
  ["  two\n\tlines \u00a0 here\u3000", "two lines here"],
  ["Größe 🚀 日本語", "Größe 🚀 日本語"],
  ["\u001b[31mred\u0007\u0000\u009b", "[31mred"],
  ["\u202eedoneZ\u202c \u2066x\u2069", "edoneZ x"],
  ["Ze\u200bno\u00adde\u034f\u3164\ufeff", "Zenode"],
  ["a\ud800b\ue000c", "abc"],
  ["a\u2028b\u2029c", "a b c"],
  ['<b>bold</b> & "more"', '<b>bold</b> & "more"'],
])("%j is shown as %j", (text, shown) => {
  expect(cleanClientName(text)).toBe(shown);
});

test("at most 100 characters are kept, none of them in half", () => {
  expect(cleanClientName("x".repeat(101))).toBe("x".repeat(100));
  expect(cleanClientName("🚀".repeat(101))).toBe("🚀".repeat(100));
  expect(cleanClientName(`${"x".repeat(99)} y`)).toBe("x".repeat(99));
});

test.each(["", "   ", "\u200b\u202e\n", "\u3164\u115f"])("%j is no name", (text) => {
  expect(cleanClientName(text)).toBeUndefined();
});
