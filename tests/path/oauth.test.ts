import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AuthBrowser, type LocalUser } from "../harness/auth-browser.ts";
import { errorLines, type LocalPath, startPath } from "../harness/local-path.ts";
import { answerOf, postModern, textOf } from "../harness/wire.ts";

let local: LocalPath;
let user: LocalUser;

beforeAll(async () => {
  local = await startPath();
  const users = JSON.parse(await readFile(path.join(local.state, "users.json"), "utf8"));
  user = (users as LocalUser[]).find(({ username }) => username === "dev") ?? {
    username: "",
    password: "",
  };
});
afterAll(() => local.close());

const REDIRECT = "http://127.0.0.1:51234/callback";

async function post(place: string, fields: Readonly<Record<string, string>>) {
  const body = new URLSearchParams(fields);
  const response = await fetch(`${local.cloud.origin}${place}`, { method: "POST", body });
  return (await response.json()) as Readonly<Record<string, string>>;
}

async function register(): Promise<string> {
  const response = await fetch(`${local.cloud.origin}/oauth/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ client_name: "Claude Code", redirect_uris: [REDIRECT] }),
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { client_id: string }).client_id;
}

test("a client registers, its user signs in, and the endpoint takes the token, also a refreshed one", async () => {
  const { origin, issuer } = local.cloud;
  const client_id = await register();
  const verifier = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    ...{ client_id, redirect_uri: REDIRECT, response_type: "code", state: "s" },
    ...{ scope: "zenode/read zenode/write", resource: local.mcpUrl },
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  const browser = new AuthBrowser(origin, issuer, user);
  const { url } = await browser.goThrough(query);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    code: expect.any(String),
    state: "s",
    iss: origin,
  });
  const redeemed = await post("/oauth/token", {
    ...{ client_id, grant_type: "authorization_code", redirect_uri: REDIRECT },
    ...{ code: url.searchParams.get("code") ?? "", code_verifier: verifier },
  });
  expect(redeemed).toMatchObject({ token_type: "Bearer", scope: "zenode/read zenode/write" });
  expect(await nameOf(redeemed.access_token)).toContain("dev");
  const refreshed = await post("/oauth/token", {
    ...{ client_id, grant_type: "refresh_token" },
    refresh_token: redeemed.refresh_token ?? "",
  });
  expect(await nameOf(refreshed.access_token)).toContain("dev");
});

async function nameOf(token = ""): Promise<string> {
  const answer = await postModern(
    local.mcpUrl,
    "tools/call",
    { name: "whoami", arguments: {} },
    { token },
  );
  return textOf(await answerOf(answer));
}

test("its documents lie where clients look, readable by any page", async () => {
  const { origin } = local.cloud;
  for (const name of ["oauth-authorization-server", "openid-configuration"]) {
    const response = await fetch(`${origin}/.well-known/${name}`);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(await response.json()).toMatchObject({
      issuer: origin,
      registration_endpoint: `${origin}/oauth/register`,
    });
    const asked = await fetch(`${origin}/.well-known/${name}`, { method: "OPTIONS" });
    expect(asked.status).toBe(204);
  }
});

test("nothing of this was logged as an error", () => {
  expect(errorLines(local)).toEqual([]);
});
