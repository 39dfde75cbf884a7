import { expect, test } from "vitest";
import { clientScopes, userScopes } from "./scope-policy.ts";

const custom = new Set(["mcp/read", "mcp/write"]);
const allowed = ["openid", "email", "mcp/read", "gone/scope"];

test("a user gets what was asked, once each, if the client may and the pool knows it", () => {
  const ask = (asked: string | null) => userScopes({ asked, allowed, custom });
  expect(ask("openid mcp/read  openid")).toEqual(["openid", "mcp/read"]);
  expect(ask("mcp/read")).toEqual(["mcp/read"]);
  expect(ask("mcp/write")).toBeUndefined();
  expect(ask("openid gone/scope")).toBeUndefined();
  expect(ask("profile openid")).toBeUndefined();
  expect(ask("MCP/read")).toBeUndefined();
});

test("scopes about the user need openid", () => {
  expect(userScopes({ asked: "email mcp/read", allowed, custom })).toBeUndefined();
  expect(userScopes({ asked: "email openid", allowed, custom })).toEqual(["email", "openid"]);
});

test("nothing asked means everything allowed", () => {
  const all = ["openid", "mcp/read"];
  expect(userScopes({ asked: null, allowed: all, custom })).toEqual(all);
  expect(userScopes({ asked: " ", allowed: all, custom })).toEqual(all);
  expect(clientScopes({ asked: null, allowed: all, custom })).toEqual(["mcp/read"]);
});

test("a client of its own gets custom scopes only", () => {
  expect(clientScopes({ asked: "openid", allowed, custom })).toBeUndefined();
  expect(clientScopes({ asked: "mcp/read", allowed, custom })).toEqual(["mcp/read"]);
});
