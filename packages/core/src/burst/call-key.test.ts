import { expect, test } from "vitest";
import type { Principal } from "../access/principal.ts";
import { toCallKey } from "./call-key.ts";

const ann: Principal = {
  tenant: "t-a",
  subject: "ann",
  username: "ann",
  clientId: "c",
  issuer: "i",
  scopes: new Set(["read"]),
  expiresAt: 0,
};

test("the order of arguments does not matter", async () => {
  expect(await toCallKey(ann, "t", { a: 1, b: { c: 2, d: 3 } })).toBe(
    await toCallKey(ann, "t", { b: { d: 3, c: 2 }, a: 1 }),
  );
});

test.each([
  ["another tool", ann, "u", { a: 1 }],
  ["other arguments", ann, "t", { a: 2 }],
  ["another user", { ...ann, subject: "bob" }, "t", { a: 1 }],
  ["another tenant", { ...ann, tenant: "t-b" }, "t", { a: 1 }],
])("%s is another call", async (_, principal, tool, sent) => {
  expect(await toCallKey(principal, tool, sent)).not.toBe(await toCallKey(ann, "t", { a: 1 }));
});
