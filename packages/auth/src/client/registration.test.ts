import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRegistration } from "./registration.ts";

const ID = "client_00000000000000000000000000000001";
const NOW = 1_700_000_000_999;
const register = (body: unknown) => parseRegistration(body, { id: ID, now: NOW });

/** What a request becomes, of which only the redirects are of interest. */
function redirectsOf(body: unknown): unknown {
  const registration = register(body);
  if (registration.kind === "refused") return registration.error;
  const { client, information } = registration;
  expect(information.redirect_uris).toEqual(client.redirectUris);
  expect(information.application_type).toBe(client.native ? "native" : "web");
  return [client.native ? "native" : "web", ...client.redirectUris];
}

test("a client of the command line is registered, and told what it is", () => {
  const request = {
    client_name: "Claude Code (zenode)",
    redirect_uris: ["http://localhost:51842/callback"],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
    scope: "zenode/read zenode/write offline_access",
  };
  expect(register(request)).toEqual({
    kind: "registered",
    client: {
      id: "client_00000000000000000000000000000001",
      kind: "registered",
      name: "Claude Code (zenode)",
      redirectUris: ["http://localhost:51842/callback"],
      native: true,
    },
    information: {
      client_id: "client_00000000000000000000000000000001",
      client_id_issued_at: 1_700_000_000,
      client_name: "Claude Code (zenode)",
      redirect_uris: ["http://localhost:51842/callback"],
      application_type: "native",
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      scope: "zenode/read zenode/write offline_access",
    },
  });
});

test("redirects alone are enough", () => {
  expect(register({ redirect_uris: ["https://app.example/cb"] })).toEqual({
    kind: "registered",
    client: {
      id: "client_00000000000000000000000000000001",
      kind: "registered",
      redirectUris: ["https://app.example/cb"],
      native: false,
    },
    information: {
      client_id: "client_00000000000000000000000000000001",
      client_id_issued_at: 1_700_000_000,
      redirect_uris: ["https://app.example/cb"],
      application_type: "web",
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
    },
  });
});

describe("what real clients send is taken", () => {
  test("VS Code: two sites and a loopback address of any port", () => {
    const request = {
      client_name: "Visual Studio Code",
      client_uri: "https://code.visualstudio.com",
      grant_types: [
        "authorization_code",
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:device_code",
      ],
      response_types: ["code"],
      redirect_uris: [
        "https://insiders.vscode.dev/redirect",
        "https://vscode.dev/redirect",
        "http://127.0.0.1/",
        "http://127.0.0.1:33418/",
      ],
      token_endpoint_auth_method: "none",
      application_type: "native",
    };
    expect(redirectsOf(request)).toEqual(["native", ...request.redirect_uris]);
  });

  test("Cursor: its own scheme is left out beside redirects that can be used", () => {
    const request = {
      redirect_uris: [
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "https://www.cursor.com/agents/mcp/oauth/callback",
        "http://localhost:8787/callback",
      ],
    };
    expect(redirectsOf(request)).toEqual([
      "web",
      "https://www.cursor.com/agents/mcp/oauth/callback",
      "http://localhost:8787/callback",
    ]);
  });

  test.each(["client_secret_post", "client_secret_basic", "private_key_jwt", "x", null, 7])(
    "a client that would authenticate by %j is told that it need not",
    (token_endpoint_auth_method) => {
      const redirect_uris = ["https://claude.ai/api/mcp/auth_callback"];
      expect(register({ redirect_uris, token_endpoint_auth_method })).toMatchObject({
        kind: "registered",
        information: { token_endpoint_auth_method: "none" },
      });
    },
  );

  test("fields that mean nothing here are passed over, and null is absent", () => {
    const registration = register({
      redirect_uris: ["https://app.example/cb", "https://app.example/cb"],
      ...{ client_name: null, application_type: null, grant_types: null, scope: null },
      ...{ response_types: [], logo_uri: "https://169.254.169.254/", jwks: { keys: [] } },
      ...{ client_id: "client_mine", client_secret: "mine", software_statement: "x" },
      client_id_issued_at: 1,
    });
    expect(registration).toMatchObject({ kind: "registered" });
    expect(JSON.stringify(registration)).not.toMatch(/mine|logo|169|jwks|secret|statement/);
    expect(registration).toMatchObject({ client: { redirectUris: ["https://app.example/cb"] } });
  });
});

describe("a client is native when it says so, or says nothing and has loopback redirects alone", () => {
  const local = "http://127.0.0.1:3000/cb";
  const site = "https://app.example/cb";
  test.each<[string | undefined, string[], "native" | "web"]>([
    [undefined, [local], "native"],
    [undefined, [site, local], "web"],
    [undefined, [site], "web"],
    ["service", [site], "web"],
    ["native", [site], "native"],
    ["web", [local], "web"],
    ["Web", [local], "native"],
  ])("%s with %j is %s", (application_type, redirect_uris, type) => {
    expect(redirectsOf({ application_type, redirect_uris })).toEqual([type, ...redirect_uris]);
  });
});

test.each([
  ["zenode/admin zenode/read", "zenode/read zenode/admin"],
  ["openid email zenode/write aws.cognito.signin.user.admin", "zenode/write"],
  ["zenode/read zenode/read", "zenode/read"],
  ["openid", undefined],
  ["zenode/reads read zenode", undefined],
  ["", undefined],
])("of the scopes %j ours remain: %j", (scope, ours) => {
  const registration = register({ scope, redirect_uris: ["https://app.example/cb"] });
  expect(registration).toMatchObject({ kind: "registered" });
  expect(registration.kind === "registered" && registration.information.scope).toBe(ours);
});

describe("a request that can't be served is refused in RFC 7591's words", () => {
  const site = "https://app.example/cb";
  const noObject = "The body is a JSON object with redirect_uris (RFC 7591 section 2).";
  const noList = "redirect_uris: a list of 1 to 20 redirects is needed.";
  const onlyThese =
    "Redirects go to https on a host with a name, or to http on localhost, 127.0.0.1 or [::1] of any port.";
  const schemes = `${onlyThese} Schemes of an application's own are not taken.`;
  test.each<[unknown, string, string]>([
    [{}, "invalid_redirect_uri", noList],
    [{ redirect_uris: null }, "invalid_redirect_uri", noList],
    [{ redirect_uris: site }, "invalid_redirect_uri", noList],
    [{ redirect_uris: [] }, "invalid_redirect_uri", noList],
    [{ redirect_uris: [site, 7] }, "invalid_redirect_uri", noList],
    [{ redirect_uris: Array(21).fill(site) }, "invalid_redirect_uri", noList],
    [{ redirect_uris: [site, ""] }, "invalid_redirect_uri", `redirect_uris[1]: ${schemes}`],
    [
      { redirect_uris: [site, "http://app.example/cb"] },
      "invalid_redirect_uri",
      `redirect_uris[1]: ${onlyThese}`,
    ],
    [
      { redirect_uris: [site, "javascript://app.example/%0aalert(1)"] },
      "invalid_redirect_uri",
      `redirect_uris[1]: ${schemes}`,
    ],
    [
      { redirect_uris: [site, "DATA:text/html,x"] },
      "invalid_redirect_uri",
      `redirect_uris[1]: ${schemes}`,
    ],
    [
      { redirect_uris: ["cursor://x/cb", site, "urn:ietf:wg:oauth:2.0:oob"] },
      "invalid_redirect_uri",
      `redirect_uris[2]: ${schemes}`,
    ],
    [
      { redirect_uris: ["cursor://x/cb", "com.example.app:/cb"] },
      "invalid_redirect_uri",
      `redirect_uris[0]: ${schemes}`,
    ],
    [
      { redirect_uris: ["https://App.example/cb"] },
      "invalid_redirect_uri",
      "redirect_uris[0]: Browsers read this redirect differently. This would work: https://app.example/cb",
    ],
    [
      { redirect_uris: [site], client_name: { toString: "x" } },
      "invalid_client_metadata",
      "client_name is not of the type that RFC 7591 section 2 gives it.",
    ],
    [
      { redirect_uris: [site], scope: ["zenode/read"] },
      "invalid_client_metadata",
      "scope is not of the type that RFC 7591 section 2 gives it.",
    ],
    [
      { redirect_uris: [site], grant_types: ["client_credentials"] },
      "invalid_client_metadata",
      "grant_types: this server has authorization_code and refresh_token; the first of them is needed.",
    ],
    [
      { redirect_uris: [site], response_types: ["token", "code id_token"] },
      "invalid_client_metadata",
      "response_types: this server has code alone.",
    ],
    ...[undefined, null, "x", 7, [], [{ redirect_uris: [site] }]].map(
      (body): [unknown, string, string] => [body, "invalid_client_metadata", noObject],
    ),
  ])("%j", (body, error, error_description) => {
    expect(register(body)).toEqual({ kind: "refused", error: { error, error_description } });
  });
});

test("whatever is sent, the answer is a client with redirects of ours or a refusal in ASCII", async () => {
  const uri = fc.oneof(
    fc.webUrl(),
    fc.string({ unit: "binary" }),
    fc.constant("http://localhost:1/"),
  );
  const field = fc.oneof(fc.string({ unit: "binary" }), fc.array(fc.string()), fc.jsonValue());
  const body = fc.record(
    {
      redirect_uris: fc.oneof(fc.array(uri, { maxLength: 22 }), field),
      client_name: field,
      ...{ application_type: field, grant_types: field, response_types: field, scope: field },
    },
    { requiredKeys: ["redirect_uris"] },
  );
  await fc.assert(
    fc.property(fc.oneof(body, fc.jsonValue()), (sent) => {
      const registration = register(sent);
      if (registration.kind === "refused") {
        expect(registration.error.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
      } else {
        expect(registration.client.redirectUris.length).toBeGreaterThan(0);
        for (const one of registration.client.redirectUris) {
          expect(one).toMatch(/^(https:\/\/[a-z0-9.-]+\.[a-z]|http:\/\/localhost:1\/$)/);
        }
      }
    }),
  );
});
