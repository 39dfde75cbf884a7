import { expect, test } from "vitest";
import { toPrincipal } from "./principal.ts";

const claims = {
  sub: "11111111-AAAA",
  iss: "https://issuer",
  client_id: "cli",
  exp: 100,
  scope: "zenode/read",
};

test("somebody without a tenant group works alone", () => {
  expect(toPrincipal(claims)).toMatchObject({
    tenant: "u-11111111-aaaa",
    subject: "11111111-AAAA",
    username: "11111111-AAAA",
    expiresAt: 100_000,
  });
});

test("a tenant group is shared; the first in order counts", () => {
  expect(
    toPrincipal({ ...claims, "cognito:groups": ["staff", "tenant-b", "tenant-a"] }).tenant,
  ).toBe("t-a");
});

test.each(["tenant-A", "tenant-a#J", "tenant-../x", `tenant-${"a".repeat(58)}`])(
  "%s is no tenant group",
  (group) => {
    expect(toPrincipal({ ...claims, "cognito:groups": [group] }).tenant).toBe("u-11111111-aaaa");
  },
);

test("a subject can't leave its key", () => {
  expect(toPrincipal({ ...claims, sub: "a#b/../c" }).tenant).toBe("u-a-b----c");
});
