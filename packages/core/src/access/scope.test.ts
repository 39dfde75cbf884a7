import { expect, test } from "vitest";
import { allows, parseScopes } from "./scope.ts";

test("scopes are read from the claim; foreign ones are passed over", () => {
  expect([...parseScopes("openid zenode/read other/admin zenode/root")]).toEqual(["read"]);
  expect(parseScopes("").size).toBe(0);
});

test.each([
  ["zenode/admin", "write", true],
  ["zenode/write", "read", true],
  ["zenode/read", "write", false],
  ["zenode/write", "admin", false],
  ["openid", "read", false],
] as const)("%s allows %s: %s", (claim, needed, expected) => {
  expect(allows(parseScopes(claim), needed)).toBe(expected);
});
