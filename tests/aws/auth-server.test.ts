import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createTokenVerifier } from "@zenode/aws";
import { DAY, HOUR, MINUTE } from "@zenode/core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { PASSWORD } from "../emulator/cognito-fixture.ts";
import { AuthBrowser } from "../harness/auth-browser.ts";
import { askForTokens, authorizeQuery, redeem } from "./auth-requests.ts";
import {
  type AuthServerFixture,
  REDIRECT,
  RESOURCE,
  startAuthServer,
} from "./auth-server-fixture.ts";

let auth: AuthServerFixture;
beforeAll(async () => {
  auth = await startAuthServer();
});
afterEach(() => {
  auth.aws.faults.clear();
  auth.cognito.faults.clear();
});
afterAll(async () => {
  await auth[Symbol.asyncDispose]();
});

const ALICE = { username: "alice", password: PASSWORD };
const newBrowser = () => new AuthBrowser(auth.issuer, auth.cognito.cognito.endpoint, ALICE);

async function signedIn() {
  const place = await newBrowser().goThrough(authorizeQuery());
  return (await redeem(auth.issuer, place)).body;
}

describe("a sign-in", () => {
  test("gives Cognito's access token for our resource, and a refresh token of ours", async () => {
    const place = await newBrowser().goThrough(authorizeQuery());
    expect(`${place.url.origin}${place.url.pathname}`).toBe(REDIRECT);
    expect(place.url.searchParams.get("state")).toBe("client state & more");
    expect(place.url.searchParams.get("iss")).toBe(auth.issuer);
    const { status, body } = await redeem(auth.issuer, place);
    expect([status, body.token_type, body.scope]).toEqual([
      200,
      "Bearer",
      "zenode/read zenode/write",
    ]);
    const verify = createTokenVerifier({
      ...{ issuer: auth.cognito.cognito.issuer, clientIds: ["facade"] },
      ...{ resource: RESOURCE, requireAudience: true },
    });
    const checked = await verify(String(body.access_token));
    expect(checked).toMatchObject({ kind: "valid", claims: { username: "alice" } });
    expect(String(body.refresh_token)).toMatch(/^grant_[0-9a-f]{32}\./);
    const next = { grant_type: "refresh_token", refresh_token: String(body.refresh_token) };
    const refreshed = await askForTokens(auth.issuer, next);
    expect(refreshed.status).toBe(200);
    expect(await verify(String(refreshed.body.access_token))).toMatchObject({ kind: "valid" });
    expect(refreshed.body.refresh_token).not.toBe(body.refresh_token);
  });

  test("asks before Cognito is asked, names the client as text, and then the account", async () => {
    const browser = newBrowser();
    const consent = await browser.open(`/oauth/authorize?${authorizeQuery()}`);
    expect(consent.url.origin).toBe(auth.issuer);
    expect(consent.html).toContain("Desk &lt;b&gt;&amp;&lt;/b&gt;");
    expect(consent.html).toContain("127.0.0.1:7777");
    expect(consent.html).toContain("Change your files");
    expect(consent.html).not.toContain("<script");
    const account = await browser.signIn(await browser.submit(consent, { decision: "allow" }));
    expect(account.html).toContain("Continue as alice@example.com?");
    expect(account.html).not.toContain("eyJ");
  });

  test("asks again for another client, though the user is signed in at Cognito", async () => {
    const browser = newBrowser();
    await browser.goThrough(authorizeQuery());
    const redirect_uri = "https://app.example/callback?from=zenode";
    const query = authorizeQuery({ client_id: "client_web", redirect_uri });
    const consent = await browser.open(`/oauth/authorize?${query}`);
    expect(consent.html).toContain("Connect Web to zenode?");
    const account = await browser.submit(consent, { decision: "allow" });
    expect(account.html).toContain("Continue as alice@example.com?");
    const place = await browser.submit(account, { decision: "allow" });
    expect(place.url.href).toContain("https://app.example/callback?from=zenode&code=");
  });

  test("goes to any port of a native client's loopback redirect", async () => {
    const redirect_uri = "http://127.0.0.1:50123/callback";
    const place = await newBrowser().goThrough(authorizeQuery({ redirect_uri }));
    expect(place.url.origin).toBe("http://127.0.0.1:50123");
    const exact = await redeem(auth.issuer, place);
    expect(exact.body.error).toBe("invalid_grant");
    expect((await redeem(auth.issuer, place, { redirect_uri })).status).toBe(200);
  });

  test("that the user refuses, on either page, is told to the client", async () => {
    const browser = newBrowser();
    const consent = await browser.open(`/oauth/authorize?${authorizeQuery()}`);
    const denied = await browser.submit(consent, { decision: "deny" });
    expect(denied.url.href).toContain(`${REDIRECT}?error=access_denied&`);
    expect(denied.url.searchParams.get("iss")).toBe(auth.issuer);
    const account = await browser.signIn(await browser.submit(consent, { decision: "allow" }));
    const late = await browser.submit(account, { decision: "deny" });
    expect(late.url.searchParams.get("error")).toBe("access_denied");
    expect(late.url.searchParams.get("state")).toBe("client state & more");
  });

  test("of twenty at once none is lost", async () => {
    const places = await Promise.all(
      Array.from({ length: 20 }, () => newBrowser().goThrough(authorizeQuery())),
    );
    const replies = await Promise.all(places.map((place) => redeem(auth.issuer, place)));
    expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(new Set(replies.map(({ body }) => body.refresh_token)).size).toBe(20);
  });
});

describe("a request is told to the user alone", () => {
  test.each([
    ["an unknown client", { client_id: "client_none" }],
    ["no client", { client_id: "" }],
    ["another host", { redirect_uri: "http://evil.example/callback" }],
    ["another path", { redirect_uri: "http://127.0.0.1:7777/callback/x" }],
    ["a user name", { redirect_uri: "http://127.0.0.1:7777@evil.example/callback" }],
    ["a fragment", { redirect_uri: `${REDIRECT}#x` }],
    ["a script", { redirect_uri: "javascript:alert(1)" }],
    ["no redirect", { redirect_uri: "" }],
  ])("with %s", async (_, changes) => {
    const place = await newBrowser().open(`/oauth/authorize?${authorizeQuery(changes)}`);
    expect([place.status, place.url.origin]).toEqual([400, auth.issuer]);
    expect(place.html).toContain("This sign-in can't go on");
  });

  test("that names something twice", async () => {
    const place = await newBrowser().open(
      `/oauth/authorize?${authorizeQuery()}&redirect_uri=https%3A%2F%2Fevil.example`,
    );
    expect([place.status, place.url.origin]).toEqual([400, auth.issuer]);
  });
});

describe("a request is told to its client", () => {
  test.each([
    ["no PKCE", { code_challenge: "", code_challenge_method: "" }, "invalid_request"],
    ["plain PKCE", { code_challenge_method: "plain" }, "invalid_request"],
    ["PKCE without its method", { code_challenge_method: "" }, "invalid_request"],
    ["a short challenge", { code_challenge: "abc" }, "invalid_request"],
    ["a token in the URL", { response_type: "token" }, "unsupported_response_type"],
    ["another resource", { resource: "https://other.example/mcp" }, "invalid_target"],
    ["our resource with a slash", { resource: `${RESOURCE}/` }, "invalid_target"],
    ["scopes of ours that nobody has", { scope: "zenode/root" }, "invalid_scope"],
    ["a scope that is not for all", { scope: "zenode/admin" }, "invalid_scope"],
  ])("with %s", async (_, changes, error) => {
    const place = await newBrowser().open(`/oauth/authorize?${authorizeQuery(changes)}`);
    expect(place.url.href.startsWith(`${REDIRECT}?`)).toBe(true);
    expect(place.url.searchParams.get("error")).toBe(error);
    expect(place.url.searchParams.get("iss")).toBe(auth.issuer);
  });

  test("what others' scopes mean is not ours to say: they are left out", async () => {
    const place = await newBrowser().goThrough(authorizeQuery({ scope: "openid offline_access" }));
    expect((await redeem(auth.issuer, place)).body.scope).toBe("zenode/read");
  });
});

describe("nobody gets on", () => {
  test("with a form of another site, or in another browser", async () => {
    const [browser, other] = [newBrowser(), newBrowser()];
    const consent = await browser.open(`/oauth/authorize?${authorizeQuery()}`);
    await other.open(`/oauth/authorize?${authorizeQuery()}`);
    const allow = { decision: "allow" };
    const foreign = await browser.submit(consent, allow, { origin: "https://evil.example" });
    expect(foreign.status).toBe(400);
    expect((await browser.submit(consent, allow, { origin: "null" })).status).toBe(400);
    expect((await other.submit(consent, allow)).status).toBe(400);
    const account = await browser.signIn(await browser.submit(consent, allow));
    expect((await other.submit(account, allow)).status).toBe(400);
    const place = await browser.submit(account, allow);
    expect(place.url.searchParams.get("code")).not.toBeNull();
  });

  test("with a form that was changed, is too old or of nobody", async () => {
    const browser = newBrowser();
    const consent = await browser.open(`/oauth/authorize?${authorizeQuery()}`);
    const field = /name="form" value="([^"]*)"/.exec(consent.html)?.[1] ?? "";
    const [text = "", signature = ""] = field.split(".");
    const query = JSON.parse(Buffer.from(text, "base64url").toString()) as { query: string };
    const evil = { ...query, query: query.query.replace("client_desk", "client_web") };
    const forged = Buffer.from(JSON.stringify(evil)).toString("base64url");
    for (const form of ["", ".", text, `${forged}.${signature}`, `${text}.${forged}`]) {
      const place = await browser.submit(consent, { decision: "allow", form });
      expect([place.status, place.url.origin], form).toEqual([400, auth.issuer]);
    }
    auth.clock.advance(10 * MINUTE);
    expect((await browser.submit(consent, { decision: "allow" })).status).toBe(400);
  });

  test("with somebody else's way back: state and code are bound to the browser that went", async () => {
    const [victim, attacker] = [newBrowser(), newBrowser()];
    await victim.open(`/oauth/authorize?${authorizeQuery()}`);
    const consent = await attacker.open(`/oauth/authorize?${authorizeQuery()}`);
    const login = await attacker.submit(consent, { decision: "allow" });
    const query = login.url.searchParams;
    // What the attacker's sign-in at Cognito would come back with, in the victim's browser.
    const back = new URLSearchParams({ code: "stolen", state: query.get("state") ?? "" });
    expect((await victim.open(`/oauth/callback?${back}`)).status).toBe(400);
    expect((await victim.open("/oauth/callback?code=x&state=")).status).toBe(400);
    const account = await attacker.signIn(login);
    expect(account.html).toContain("Continue as");
    expect((await attacker.open(account.url)).status).toBe(400);
  });

  test("with the same account page twice", async () => {
    const browser = newBrowser();
    const consent = await browser.open(`/oauth/authorize?${authorizeQuery()}`);
    const account = await browser.signIn(await browser.submit(consent, { decision: "allow" }));
    const place = await browser.submit(account, { decision: "allow" });
    expect(place.url.searchParams.get("code")).not.toBeNull();
    expect((await browser.submit(account, { decision: "allow" })).status).toBe(400);
  });

  test("with Cognito's answer of another issuer", async () => {
    const browser = newBrowser();
    const consent = await browser.open(`/oauth/authorize?${authorizeQuery()}`);
    const login = await browser.submit(consent, { decision: "allow" });
    const state = login.url.searchParams.get("state") ?? "";
    const mixed = new URLSearchParams({ code: "x", state, iss: "https://evil.example" });
    const place = await browser.open(`/oauth/callback?${mixed}`);
    expect(place.url.searchParams.get("code")).toBeNull();
    expect(place.url.searchParams.get("error")).toBe("temporarily_unavailable");
  });
});

describe("a client nobody set up", () => {
  const register = async (body: unknown) => {
    const init = { method: "POST", body: JSON.stringify(body), headers: JSON_TYPE };
    const response = await fetch(`${auth.issuer}/oauth/register`, init);
    const { status, headers } = response;
    return { status, headers, body: (await response.json()) as Record<string, string> };
  };

  test("registers itself, signs in on a port of its own, and is kept by that", async () => {
    const registered = await register({
      client_name: "Claude Code",
      redirect_uris: ["http://localhost:51234/callback"],
      token_endpoint_auth_method: "none",
    });
    expect(registered.status).toBe(201);
    const client_id = registered.body.client_id ?? "";
    const redirect_uri = "http://localhost:60001/callback";
    const place = await newBrowser().goThrough(authorizeQuery({ client_id, redirect_uri }));
    const { body } = await redeem(auth.issuer, place, { client_id, redirect_uri });
    expect(body.scope).toBe("zenode/read zenode/write");
    auth.clock.advance(2 * DAY);
    const next = { client_id, grant_type: "refresh_token" };
    const refresh_token = String(body.refresh_token);
    expect((await askForTokens(auth.issuer, { ...next, refresh_token })).status).toBe(200);
  });

  test("is forgotten after a day without a sign-in, and told to register again", async () => {
    const { body } = await register({ redirect_uris: ["https://app.example/callback"] });
    const client_id = body.client_id ?? "";
    auth.clock.advance(DAY);
    const query = authorizeQuery({ client_id, redirect_uri: "https://app.example/callback" });
    expect((await newBrowser().open(`/oauth/authorize?${query}`)).status).toBe(400);
    const reply = await askForTokens(auth.issuer, { client_id, grant_type: "refresh_token" });
    expect([reply.status, reply.body.error]).toEqual([401, "invalid_client"]);
  });

  test.each([
    [{}, "invalid_redirect_uri"],
    [{ redirect_uris: ["http://app.example/callback"] }, "invalid_redirect_uri"],
    [{ redirect_uris: ["javascript:alert(1)"] }, "invalid_redirect_uri"],
    ["no object", "invalid_client_metadata"],
  ])("does not register with %j", async (body, error) => {
    const refused = await register(body);
    expect([refused.status, refused.body.error]).toEqual([400, error]);
  });

  test("may not flood: twenty an hour from one address, then it is told when", async () => {
    auth.clock.advance(2 * HOUR);
    const body = { redirect_uris: ["https://app.example/callback"] };
    const answers = await Promise.all(Array.from({ length: 40 }, () => register(body)));
    const count = (wanted: number) => answers.filter(({ status }) => status === wanted).length;
    expect([count(201), count(429)]).toEqual([20, 20]);
    const refused = answers.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  test("is known by its document, and refreshes while its host is away", async () => {
    const { url: client_id, host } = await serveDocument({
      client_name: "Document",
      redirect_uris: ["http://127.0.0.1:7777/callback"],
    });
    const browser = newBrowser();
    const consent = await browser.open(`/oauth/authorize?${authorizeQuery({ client_id })}`);
    expect(consent.html).toContain("Connect Document to zenode?");
    const account = await browser.signIn(await browser.submit(consent, { decision: "allow" }));
    const place = await browser.submit(account, { decision: "allow" });
    const { body } = await redeem(auth.issuer, place, { client_id });
    host.closeAllConnections();
    host.close();
    auth.clock.advance(2 * DAY);
    const other = await newBrowser().open(`/oauth/authorize?${authorizeQuery({ client_id })}`);
    expect(other.status).toBe(503);
    const refresh_token = String(body.refresh_token);
    const next = { client_id, grant_type: "refresh_token", refresh_token };
    expect((await askForTokens(auth.issuer, next)).status).toBe(200);
  });
});

/** A host of a client's metadata document on this machine. */
async function serveDocument(fields: object) {
  const host = createServer((request, response) => {
    const client_id = `http://${request.headers.host}/client.json`;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ client_id, ...fields }));
  });
  host.listen(0, "127.0.0.1");
  await once(host, "listening");
  const { port } = host.address() as AddressInfo;
  return { host, url: `http://127.0.0.1:${port}/client.json` };
}

describe("the token endpoint", () => {
  test("takes a code once: whoever uses it again ends the sign-in", async () => {
    const place = await newBrowser().goThrough(authorizeQuery());
    const { body } = await redeem(auth.issuer, place);
    expect((await redeem(auth.issuer, place)).body.error).toBe("invalid_grant");
    const refresh_token = String(body.refresh_token);
    const reply = await askForTokens(auth.issuer, { grant_type: "refresh_token", refresh_token });
    expect([reply.status, reply.body.error]).toEqual([400, "invalid_grant"]);
  });

  test("gives a hundred refreshes of one token at once one next token", async () => {
    const { refresh_token: first } = await signedIn();
    const refresh = (token: unknown) =>
      askForTokens(auth.issuer, { grant_type: "refresh_token", refresh_token: String(token) });
    const replies = await Promise.all(Array.from({ length: 100 }, () => refresh(first)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    const tokens = new Set(replies.map(({ body }) => body.refresh_token));
    expect(tokens.size).toBe(1);
    expect((await refresh([...tokens][0])).status).toBe(200);
  });

  test.each([
    ["no grant type", {}, 400, "unsupported_grant_type"],
    ["a password", { grant_type: "password" }, 400, "unsupported_grant_type"],
    ["an unknown client", { client_id: "x", grant_type: "refresh_token" }, 401, "invalid_client"],
    ["no code", { grant_type: "authorization_code" }, 400, "invalid_grant"],
  ])("refuses %s", async (_, fields, status, error) => {
    const reply = await askForTokens(auth.issuer, fields);
    expect([reply.status, reply.body.error]).toEqual([status, error]);
  });

  test("takes forms alone, and no field twice", async () => {
    const url = `${auth.issuer}/oauth/token`;
    const json = await fetch(url, { method: "POST", body: "{}", headers: JSON_TYPE });
    expect(json.status).toBe(400);
    const body = new URLSearchParams("client_id=client_desk&client_id=client_web");
    const twice = await fetch(url, { method: "POST", body });
    expect(await twice.json()).toMatchObject({ error: "invalid_request" });
    expect(twice.headers.get("cache-control")).toBe("no-store");
  });

  test("says that it may be tried again while Cognito can't be asked, and the token stays good", async () => {
    const { refresh_token } = await signedIn();
    const fields = { grant_type: "refresh_token", refresh_token: String(refresh_token) };
    auth.cognito.faults.add({ service: "cognito", action: { kind: "error" } });
    const reply = await askForTokens(auth.issuer, fields);
    expect([reply.status, reply.body.error]).toEqual([503, "temporarily_unavailable"]);
    auth.cognito.faults.clear();
    expect((await askForTokens(auth.issuer, fields)).status).toBe(200);
  });

  test("revokes a sign-in by any of its tokens, and says nothing of others", async () => {
    const { refresh_token } = await signedIn();
    const revoke = (token: string) =>
      fetch(`${auth.issuer}/oauth/revoke`, {
        method: "POST",
        body: new URLSearchParams({ client_id: "client_desk", token }),
      });
    expect((await revoke("made up")).status).toBe(200);
    expect((await revoke(String(refresh_token))).status).toBe(200);
    const fields = { grant_type: "refresh_token", refresh_token: String(refresh_token) };
    expect((await askForTokens(auth.issuer, fields)).body.error).toBe("invalid_grant");
  });
});

test("a whole sign-in costs seven writes and a read, a refresh one of each", async () => {
  auth.aws.usage.take();
  const place = await newBrowser().goThrough(authorizeQuery());
  const { body } = await redeem(auth.issuer, place);
  const signIn = auth.aws.usage.take();
  const refresh_token = String(body.refresh_token);
  await askForTokens(auth.issuer, { grant_type: "refresh_token", refresh_token });
  const refresh = auth.aws.usage.take();
  const [read, ...writes] = [...signIn.requests].sort();
  expect([read, writes.length, signIn.rru]).toEqual(["GetItem", 7, 1]);
  // Cognito's tokens, in the code's item, have some KB.
  expect(signIn.wru).toBeLessThanOrEqual(12);
  expect([refresh.rru, refresh.wru, refresh.requests]).toEqual([1, 1, ["GetItem", "UpdateItem"]]);
});

test("a page says that it is not now while the table can't be asked, and then goes on", async () => {
  const browser = newBrowser();
  const consent = await browser.open(`/oauth/authorize?${authorizeQuery()}`);
  auth.aws.faults.add({ service: "dynamodb", action: { kind: "error" } });
  const waiting = await browser.submit(consent, { decision: "allow" });
  expect([waiting.status, waiting.url.origin]).toEqual([503, auth.issuer]);
  auth.aws.faults.clear();
  const login = await browser.submit(consent, { decision: "allow" });
  expect(login.html).toContain('name="password"');
});

test("a page of another origin may ask for tokens and documents", async () => {
  const url = `${auth.issuer}/.well-known/oauth-authorization-server`;
  const asked = await fetch(url, { method: "OPTIONS" });
  expect(asked.status).toBe(204);
  expect(asked.headers.get("access-control-allow-headers")).toContain("MCP-Protocol-Version");
  expect((await fetch(url)).headers.get("access-control-allow-origin")).toBe("*");
});

test("pages can't be framed, kept, or run scripts; the cookie is for this site alone", async () => {
  const { headers } = await newBrowser().open(`/oauth/authorize?${authorizeQuery()}`);
  const policy = headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain(
    `form-action 'self' ${auth.cognito.cognito.endpoint} http://127.0.0.1:7777`,
  );
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("x-frame-options")).toBe("DENY");
  const [cookie = ""] = headers.getSetCookie();
  expect(cookie).toMatch(/^zenode-browser=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
});

test("the metadata says what clients need to know, and what is not there is not found", async () => {
  for (const name of ["oauth-authorization-server", "openid-configuration"]) {
    const response = await fetch(`${auth.issuer}/.well-known/${name}`);
    expect(await response.json()).toMatchObject({
      issuer: auth.issuer,
      authorization_endpoint: `${auth.issuer}/oauth/authorize`,
      token_endpoint: `${auth.issuer}/oauth/token`,
      code_challenge_methods_supported: ["S256"],
      authorization_response_iss_parameter_supported: true,
    });
  }
  expect((await fetch(`${auth.issuer}/oauth/none`)).status).toBe(404);
  expect((await fetch(`${auth.issuer}/oauth/token`)).status).toBe(404);
});

const JSON_TYPE = { "content-type": "application/json" };
