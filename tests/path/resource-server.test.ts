import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalPath, startPath } from "../harness/local-path.ts";
import { ACCEPT, postLegacy, postModern, startSession } from "../harness/wire.ts";

let local: LocalPath;
let token: string;
let session: Record<string, string>;
let origin: string;

beforeAll(async () => {
  local = await startPath();
  token = await local.token();
  session = await startSession(local.mcpUrl, token);
  ({ origin } = new URL(local.mcpUrl));
});
afterAll(() => local.close());

interface Metadata {
  readonly resource: string;
  readonly scopes_supported: readonly string[];
}

async function metadata(): Promise<Metadata> {
  const response = await fetch(`${origin}/.well-known/oauth-protected-resource/mcp`);
  return (await response.json()) as Metadata;
}

test("the resource is named as clients reach it: no fragment, slash or stage [resource-canonical]", async () => {
  const { resource } = await metadata();
  expect(resource).toBe(`${origin}/mcp`);
  expect(new URL(resource).href).toBe(resource);
});

test("the scopes named are ours, and offline_access is nowhere [resource-minimal-scopes] [resource-no-offline-access]", async () => {
  const { scopes_supported } = await metadata();
  expect(scopes_supported.filter((scope) => !scope.startsWith("zenode/"))).toEqual([]);
  const challenge = (await fetch(local.mcpUrl, { method: "POST" })).headers.get("www-authenticate");
  expect(challenge).toContain("zenode/read");
  expect(challenge).not.toContain("offline_access");
});

test.each([
  "Basic ZGV2OmRldg==",
  "Bearer",
  "Bearer ",
  "Bearer a b",
  "bearer..",
  "DPoP abc",
  `Bearer ${"x".repeat(6_000)}`,
])("an Authorization header that is none, %j, is refused [resource-malformed]", async (value) => {
  const response = await fetch(local.mcpUrl, {
    method: "POST",
    headers: { authorization: value, "content-type": "application/json", accept: ACCEPT },
    body: "{}",
  });
  expect([400, 401]).toContain(response.status);
});

test("a token in the query string counts for nothing [resource-no-query]", async () => {
  for (const name of ["access_token", "token", "authorization"]) {
    const url = `${local.mcpUrl}?${name}=${token}`;
    expect((await postModern(url, "tools/list")).status).toBe(401);
  }
});

describe("without a token", () => {
  const send: Readonly<Record<string, () => Promise<Response>>> = {
    "POST of 2026-07-28": () => postModern(local.mcpUrl, "tools/list"),
    "POST of a session": () => postLegacy(local.mcpUrl, "tools/list", { headers: session }),
    initialize: () => postLegacy(local.mcpUrl, "initialize", {}),
    "GET of a session": () =>
      fetch(local.mcpUrl, { headers: { ...session, accept: "text/event-stream" } }),
    "DELETE of a session": () => fetch(local.mcpUrl, { method: "DELETE", headers: session }),
  };

  test.each(Object.keys(send))("%s is challenged [resource-both-eras]", async (name) => {
    const response = await (send[name] as (typeof send)[string])();
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe(
      `Bearer resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp", scope="zenode/read zenode/write"`,
    );
  });

  test("and the session is still there", async () => {
    const response = await postLegacy(local.mcpUrl, "tools/list", { token, headers: session });
    expect(response.status).toBe(200);
  });
});

describe("a page of another origin", () => {
  test("may read the challenge", async () => {
    const response = await fetch(local.mcpUrl, {
      method: "POST",
      headers: { origin: "https://example.com" },
    });
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-expose-headers")).toContain("WWW-Authenticate");
  });

  test("may read answers and their session [resource-cors]", async () => {
    const response = await postLegacy(local.mcpUrl, "initialize", {
      token,
      headers: { origin },
      params: {
        protocolVersion: "2025-11-25",
        capabilities: {},
        clientInfo: { name: "page", version: "1" },
      },
    });
    expect(response.headers.get("mcp-session-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-expose-headers")).toContain("Mcp-Session-Id");
  });

  test("may send every header of the protocol", async () => {
    const asked = [
      "authorization",
      "content-type",
      "last-event-id",
      "mcp-method",
      "mcp-name",
      "mcp-param-region",
      "mcp-protocol-version",
      "mcp-session-id",
    ];
    const response = await fetch(local.mcpUrl, {
      method: "OPTIONS",
      headers: {
        origin: "https://example.com",
        "access-control-request-method": "POST",
        "access-control-request-headers": asked.join(","),
      },
    });
    const allowed = (response.headers.get("access-control-allow-headers") ?? "")
      .toLowerCase()
      .split(/, */);
    expect(asked.filter((name) => !allowed.includes(name))).toEqual([]);
    expect(response.headers.get("access-control-expose-headers")).toContain("Mcp-Session-Id");
  });
});

test("documents that do not exist are 404", async () => {
  for (const path of ["/.well-known/jwks.json", "/.well-known/nothing/at/all"]) {
    expect((await fetch(new URL(path, origin))).status, path).toBe(404);
  }
});
