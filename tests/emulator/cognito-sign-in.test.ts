import { decodeJwt } from "jose";
import { expect, test } from "vitest";
import {
  authorizeQuery,
  Browser,
  CALLBACK,
  cognitoWith,
  PASSWORD,
  type Parameters,
} from "./cognito-fixture.ts";

const MINUTE = 60_000;

test("the sign-in page is a labelled form that cannot be framed", async () => {
  await using fixture = await cognitoWith();
  const browser = new Browser(fixture.cognito.endpoint);
  const authorize = await browser.open(`/oauth2/authorize?${authorizeQuery()}`);
  expect(authorize.status).toBe(302);
  const location = authorize.headers.get("location") ?? "";
  expect(location).toMatch(/^\/login\?client_id=webapp&/);
  const page = await browser.open(location);
  expect(page.status).toBe(200);
  expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  expect(page.headers.get("cache-control")).toContain("no-store");
  const html = await page.text();
  expect(html).toContain('<html lang="en">');
  expect(html).toContain('<label for="username">');
  expect(html).toMatch(/<input id="password" name="password" type="password" autocomplete=/);
});

test("the right password leads back with code and state, and sets a session cookie", async () => {
  await using fixture = await cognitoWith();
  const browser = new Browser(fixture.cognito.endpoint);
  const response = await browser.submit(`/login?${authorizeQuery()}`, {
    username: "alice",
    password: PASSWORD,
  });
  expect(response.status).toBe(302);
  const back = new URL(response.headers.get("location") ?? "");
  expect(back.origin + back.pathname).toBe(CALLBACK);
  expect([...back.searchParams.keys()]).toEqual(["code", "state"]);
  expect(back.searchParams.get("state")).toBe("st");
  expect(response.headers.get("set-cookie")).toMatch(
    /^cognito=[\w-]{64}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax$/,
  );
});

test.for([
  ["a wrong password", "alice", "passw0rd!"],
  ["an unknown user", "mallory", PASSWORD],
  ["markup for a name", `"><script>alert(1)</script>`, "x"],
] as const)("%s shows the form again and tells nothing else", async ([, username, password]) => {
  await using fixture = await cognitoWith();
  const browser = new Browser(fixture.cognito.endpoint);
  const response = await browser.submit(`/login?${authorizeQuery()}`, { username, password });
  expect(response.status).toBe(401);
  expect(response.headers.get("set-cookie")).toBeNull();
  const html = await response.text();
  expect(html).toContain("Incorrect username or password.");
  expect(html).not.toContain("<script>");
});

test("a form posted by another site signs nobody in", async () => {
  await using fixture = await cognitoWith();
  const { endpoint } = fixture.cognito;
  const attempt = async (headers: Parameters) => {
    const fields = { username: "alice", password: PASSWORD };
    const path = `/login?${authorizeQuery()}`;
    return (await new Browser(endpoint).submit(path, fields, headers)).status;
  };
  expect(await attempt({ origin: "https://evil.example" })).toBe(403);
  expect(await attempt({ origin: "null" })).toBe(403);
  expect(await attempt({ "sec-fetch-site": "cross-site" })).toBe(403);
  expect(await attempt({ "sec-fetch-site": "same-site", origin: endpoint })).toBe(403);
  expect(await attempt({ origin: endpoint })).toBe(302);
  expect(await attempt({ "sec-fetch-site": "same-origin" })).toBe(302);
});

test("within the hour a second authorize needs no password, and tells of the first sign-in", async () => {
  await using fixture = await cognitoWith();
  const { endpoint } = fixture.cognito;
  const browser = new Browser(endpoint);
  const first = decodeJwt((await browser.tokens()).access_token);
  fixture.clock.advance(59 * MINUTE);
  const second = decodeJwt(
    (await browser.tokens({}, "alice", "not asked for the password")).access_token,
  );
  expect(second.auth_time).toBe(first.auth_time);
  expect(second.origin_jti).not.toBe(first.origin_jti);
  fixture.clock.advance(2 * MINUTE);
  const third = await browser.open(`/oauth2/authorize?${authorizeQuery()}`);
  expect(third.headers.get("location")).toMatch(/^\/login\?/);
});

test("prompt=login asks again, prompt=none never asks", async () => {
  await using fixture = await cognitoWith();
  const browser = new Browser(fixture.cognito.endpoint);
  const silent = await browser.authorize({ prompt: "none" });
  expect(Object.fromEntries(silent)).toEqual({ error: "login_required", state: "st" });
  await browser.authorize();
  expect((await browser.authorize({ prompt: "none" })).has("code")).toBe(true);
  const again = await browser.open(`/oauth2/authorize?${authorizeQuery({ prompt: "login" })}`);
  expect(again.headers.get("location")).toMatch(/^\/login\?/);
});

test("signing out ends the session and goes only where the client may", async () => {
  await using fixture = await cognitoWith();
  const browser = new Browser(fixture.cognito.endpoint);
  await browser.authorize();
  const bad = await browser.open("/logout?client_id=webapp&logout_uri=https://evil.example/");
  expect(bad.status).toBe(400);
  await browser.authorize();
  const out = await browser.open("/logout?client_id=webapp&logout_uri=http://127.0.0.1:7777/bye");
  expect(out.status).toBe(302);
  expect(out.headers.get("location")).toBe("http://127.0.0.1:7777/bye");
  const next = await browser.open(`/oauth2/authorize?${authorizeQuery()}`);
  expect(next.headers.get("location")).toMatch(/^\/login\?/);
});

const REFUSED: readonly (readonly [string, Parameters, string])[] = [
  ["an unknown client", { client_id: "nobody" }, "invalid_request"],
  ["no client", { client_id: "" }, "invalid_request"],
  ["no callback", { redirect_uri: "" }, "redirect_mismatch"],
  ["another port", { redirect_uri: "http://127.0.0.1:7778/cb" }, "redirect_mismatch"],
  ["another host", { redirect_uri: "http://localhost:7777/cb" }, "redirect_mismatch"],
  ["a trailing slash", { redirect_uri: `${CALLBACK}/` }, "redirect_mismatch"],
  ["a query added", { redirect_uri: `${CALLBACK}?x=1` }, "redirect_mismatch"],
];

test.for(REFUSED)("%s is refused on a page, never redirected", async ([, changes, code]) => {
  await using fixture = await cognitoWith();
  const browser = new Browser(fixture.cognito.endpoint);
  for (const path of ["/oauth2/authorize", "/login"]) {
    const response = await browser.open(`${path}?${authorizeQuery(changes)}`);
    expect(response.status).toBe(400);
    expect(response.headers.get("location")).toBeNull();
    expect(await response.text()).toContain(code);
  }
});

const RETURNED: readonly (readonly [string, Parameters, string])[] = [
  ["an unknown scope", { scope: "openid mcp/admin" }, "invalid_scope"],
  ["a scope the client lacks", { scope: "openid phone" }, "invalid_scope"],
  ["email without openid", { scope: "email mcp/read" }, "invalid_scope"],
  ["no response type", { response_type: "" }, "invalid_request"],
  ["an unknown response type", { response_type: "id_token" }, "invalid_request"],
  ["the implicit flow", { response_type: "token" }, "unauthorized_client"],
  ["a plain challenge", { code_challenge_method: "plain" }, "invalid_request"],
  ["a challenge without method", { code_challenge_method: "" }, "invalid_request"],
  ["a resource that is no URL", { resource: "mcp" }, "invalid_request"],
  ["a resource over plain http", { resource: "http://example.com/mcp" }, "invalid_request"],
  ["a resource with a fragment", { resource: "https://example.com/mcp#x" }, "invalid_request"],
];

test.for(RETURNED)("%s is told to the client at its callback", async ([, changes, error]) => {
  await using fixture = await cognitoWith();
  const browser = new Browser(fixture.cognito.endpoint);
  const response = await browser.open(`/oauth2/authorize?${authorizeQuery(changes)}`);
  expect(response.status).toBe(302);
  expect(response.headers.get("location")).toBe(`${CALLBACK}?error=${error}&state=st`);
});

test("two resources are one too many", async () => {
  await using fixture = await cognitoWith();
  const query = authorizeQuery({ resource: "https://one.example" });
  query.append("resource", "https://two.example");
  const response = await new Browser(fixture.cognito.endpoint).open(`/oauth2/authorize?${query}`);
  expect(response.headers.get("location")).toBe(`${CALLBACK}?error=invalid_request&state=st`);
});
