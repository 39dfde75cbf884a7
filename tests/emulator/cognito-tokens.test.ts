import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  ListUsersCommand,
  ResourceNotFoundException,
  UserNotFoundException,
  UsernameExistsException,
} from "@aws-sdk/client-cognito-identity-provider";
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { expect, test } from "vitest";
import {
  Browser,
  cognitoWith,
  PASSWORD,
  type Parameters,
  POOL,
  redeem,
  refresh,
  token,
} from "./cognito-fixture.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

test("discovery has the fields of a real pool and no others", async () => {
  await using fixture = await cognitoWith();
  const { endpoint, issuer } = fixture.cognito;
  const response = await fetch(`${issuer}/.well-known/openid-configuration`);
  expect(await response.json()).toEqual({
    authorization_endpoint: `${endpoint}/oauth2/authorize`,
    end_session_endpoint: `${endpoint}/logout`,
    id_token_signing_alg_values_supported: ["RS256"],
    issuer: `${endpoint}/us-east-1_LOCAL01`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    response_types_supported: ["code", "token"],
    revocation_endpoint: `${endpoint}/oauth2/revoke`,
    scopes_supported: ["openid", "email", "phone", "profile"],
    subject_types_supported: ["public"],
    token_endpoint: `${endpoint}/oauth2/token`,
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    userinfo_endpoint: `${endpoint}/oauth2/userInfo`,
  });
  const { keys } = (await (await fetch(`${issuer}/.well-known/jwks.json`)).json()) as {
    keys: Record<string, string>[];
  };
  expect(keys.map((key) => Object.keys(key).sort())).toEqual([
    ["alg", "e", "kid", "kty", "n", "use"],
    ["alg", "e", "kid", "kty", "n", "use"],
  ]);
});

test("tokens carry the claims of real ones, signed by two keys", async () => {
  await using fixture = await cognitoWith();
  const { endpoint, issuer } = fixture.cognito;
  const tokens = await new Browser(endpoint).tokens({ nonce: "n1" });
  expect(tokens).toMatchObject({ expires_in: 3600, token_type: "Bearer" });
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`));
  const access = (await jwtVerify(tokens.access_token, keys, { issuer })).payload;
  const id = (await jwtVerify(tokens.id_token ?? "", keys, { issuer })).payload;
  const sub = expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  const common = {
    sub,
    "cognito:groups": ["admins", "tenant-a"],
    iss: issuer,
    origin_jti: sub,
    event_id: sub,
    auth_time: expect.any(Number),
    exp: (access.iat ?? 0) + 3600,
    iat: expect.any(Number),
    jti: sub,
  };
  expect(access).toEqual({
    ...common,
    version: 2,
    client_id: "webapp",
    token_use: "access",
    scope: "openid email mcp/read",
    username: "alice",
  });
  expect(id).toEqual({
    ...common,
    at_hash: expect.any(String),
    email: "alice@example.com",
    email_verified: true,
    "custom:tenant": "a",
    "cognito:username": "alice",
    nonce: "n1",
    aud: "webapp",
    token_use: "id",
  });
  expect(id.sub).toBe(access.sub);
  expect(decodeProtectedHeader(tokens.access_token).kid).not.toBe(
    decodeProtectedHeader(tokens.id_token ?? "").kid,
  );
});

test("without openid there is no identity token, without groups no group claim", async () => {
  await using fixture = await cognitoWith();
  const browser = new Browser(fixture.cognito.endpoint);
  const tokens = await browser.tokens({ scope: "mcp/read" }, "bob", "Bob's 2nd");
  expect(tokens.id_token).toBeUndefined();
  expect(decodeJwt(tokens.access_token)).not.toHaveProperty("cognito:groups");
});

test("a resource becomes the access token's audience and stays so through refreshes", async () => {
  await using fixture = await cognitoWith();
  const { endpoint } = fixture.cognito;
  const resource = "https://mcp.example.com/mcp";
  const tokens = await new Browser(endpoint).tokens({ resource });
  expect(decodeJwt(tokens.access_token).aud).toBe(resource);
  const refreshed = await refresh(endpoint, tokens.refresh_token);
  expect(decodeJwt(refreshed.body.access_token).aud).toBe(resource);
});

const BAD_EXCHANGES: readonly (readonly [string, Parameters, Parameters, string])[] = [
  ["another code", {}, { code: "nothing" }, "invalid_grant"],
  ["another client", {}, { client_id: "rotating" }, "invalid_grant"],
  ["another callback", {}, { redirect_uri: "http://127.0.0.1:7777/other" }, "invalid_grant"],
  ["another verifier", {}, { code_verifier: "x".repeat(43) }, "invalid_grant"],
  ["no verifier", {}, { code_verifier: "" }, "invalid_grant"],
  [
    "a verifier where none was promised",
    { code_challenge: "", code_challenge_method: "" },
    {},
    "invalid_grant",
  ],
  ["no callback", {}, { redirect_uri: "" }, "invalid_request"],
  ["an unknown client", {}, { client_id: "nobody" }, "invalid_client"],
  ["a secret from a public client", {}, { client_secret: "x" }, "invalid_client"],
  ["an unknown grant", {}, { grant_type: "password" }, "unsupported_grant_type"],
  ["no grant", {}, { grant_type: "" }, "invalid_request"],
];

test.for(BAD_EXCHANGES)("a code is not exchanged for %s", async ([, asked, sent, error]) => {
  await using fixture = await cognitoWith();
  const { endpoint } = fixture.cognito;
  const code = (await new Browser(endpoint).authorize(asked)).get("code") ?? "";
  const answer = await redeem(endpoint, { code, ...sent });
  expect(answer.status).toBe(400);
  expect(answer.body).toEqual({ error });
});

test("a code is good once, also when two ask at the same time", async () => {
  await using fixture = await cognitoWith();
  const { endpoint } = fixture.cognito;
  const code = (await new Browser(endpoint).authorize()).get("code") ?? "";
  const answers = await Promise.all([redeem(endpoint, { code }), redeem(endpoint, { code })]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
  expect((await redeem(endpoint, { code })).body.error).toBe("invalid_grant");
});

test("a code is good for five minutes", async () => {
  await using fixture = await cognitoWith();
  const { endpoint } = fixture.cognito;
  const browser = new Browser(endpoint);
  const early = (await browser.authorize()).get("code") ?? "";
  fixture.clock.advance(5 * MINUTE - SECOND);
  expect((await redeem(endpoint, { code: early })).status).toBe(200);
  const late = (await browser.authorize()).get("code") ?? "";
  fixture.clock.advance(5 * MINUTE);
  expect((await redeem(endpoint, { code: late })).body.error).toBe("invalid_grant");
});

test("without rotation a refresh returns no refresh token and the old one stays", async () => {
  await using fixture = await cognitoWith();
  const { endpoint } = fixture.cognito;
  const tokens = await new Browser(endpoint).tokens({ nonce: "n1" });
  for (let turn = 0; turn < 2; turn += 1) {
    const { status, body, headers } = await refresh(endpoint, tokens.refresh_token);
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toContain("no-store");
    expect(Object.keys(body).sort()).toEqual([
      "access_token",
      "expires_in",
      "id_token",
      "token_type",
    ]);
    expect(decodeJwt(body.id_token ?? "")).not.toHaveProperty("nonce");
    const [before, after] = [tokens.access_token, body.access_token].map((jwt) => decodeJwt(jwt));
    expect(after?.origin_jti).toBe(before?.origin_jti);
    expect(after?.scope).toBe(before?.scope);
  }
});

test("with rotation the old token lives on for its grace, and the end does not move", async () => {
  await using fixture = await cognitoWith();
  const { endpoint } = fixture.cognito;
  const client_id = "rotating";
  const { refresh_token: first } = await new Browser(endpoint).tokens({ client_id, scope: "" });
  const second = (await refresh(endpoint, first, client_id)).body.refresh_token;
  expect(second).not.toBe(first);
  fixture.clock.advance(29 * SECOND);
  const retried = (await refresh(endpoint, first, client_id)).body.refresh_token;
  expect(retried).toBeDefined();
  fixture.clock.advance(2 * SECOND);
  expect((await refresh(endpoint, first, client_id)).body.error).toBe("invalid_grant");
  const third = (await refresh(endpoint, second, client_id)).body.refresh_token;
  expect((await refresh(endpoint, retried, client_id)).status).toBe(200);
  fixture.clock.advance(60 * MINUTE);
  expect((await refresh(endpoint, third, client_id)).body.error).toBe("invalid_grant");
});

test("without grace one of two concurrent refreshes wins", async () => {
  await using fixture = await cognitoWith();
  const { endpoint } = fixture.cognito;
  const client_id = "strict";
  const { refresh_token } = await new Browser(endpoint).tokens({ client_id, scope: "" });
  const ask = () => refresh(endpoint, refresh_token, client_id);
  const answers = await Promise.all([ask(), ask()]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
});

test("a refresh token is its client's alone", async () => {
  await using fixture = await cognitoWith();
  const { endpoint } = fixture.cognito;
  const { refresh_token } = await new Browser(endpoint).tokens();
  expect((await refresh(endpoint, refresh_token, "rotating")).body.error).toBe("invalid_grant");
  expect((await refresh(endpoint, "nothing")).body.error).toBe("invalid_grant");
});

test("userInfo answers a live access token with openid", async () => {
  await using fixture = await cognitoWith();
  const { endpoint } = fixture.cognito;
  const browser = new Browser(endpoint);
  const tokens = await browser.tokens();
  const ask = (jwt: string | undefined) =>
    fetch(`${endpoint}/oauth2/userInfo`, { headers: { authorization: `Bearer ${jwt}` } });
  const good = await ask(tokens.access_token);
  expect(await good.json()).toEqual({
    sub: decodeJwt(tokens.access_token).sub,
    email_verified: "true",
    email: "alice@example.com",
    "custom:tenant": "a",
    username: "alice",
  });
  expect((await ask(tokens.id_token)).status).toBe(401);
  expect((await ask((await browser.tokens({ scope: "mcp/read" })).access_token)).status).toBe(401);
  fixture.clock.advance(61 * MINUTE);
  const expired = await ask(tokens.access_token);
  expect(expired.status).toBe(401);
  expect(expired.headers.get("www-authenticate")).toContain('error="invalid_token"');
  expect((await fetch(`${endpoint}/oauth2/userInfo`)).status).toBe(400);
});

test("revocation ends the whole sign-in", async () => {
  await using fixture = await cognitoWith();
  const { endpoint } = fixture.cognito;
  const tokens = await new Browser(endpoint).tokens();
  const revoke = async (fields: Parameters) => {
    const body = new URLSearchParams(fields);
    const response = await fetch(`${endpoint}/oauth2/revoke`, { method: "POST", body });
    return [response.status, await response.text()];
  };
  const client_id = "webapp";
  expect(await revoke({ client_id })).toEqual([400, '{"error":"invalid_request"}']);
  expect(await revoke({ client_id, token: tokens.access_token })).toEqual([
    400,
    '{"error":"unsupported_token_type"}',
  ]);
  const refreshToken = tokens.refresh_token ?? "";
  expect((await revoke({ client_id: "m2m", token: refreshToken }))[0]).toBe(401);
  expect((await revoke({ client_id: "strict", token: refreshToken }))[0]).toBe(400);
  expect(await revoke({ client_id, token: "unknown" })).toEqual([200, ""]);
  expect(await revoke({ client_id, token: refreshToken })).toEqual([200, ""]);
  expect((await refresh(endpoint, refreshToken)).body.error).toBe("invalid_grant");
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  expect((await fetch(`${endpoint}/oauth2/userInfo`, { headers })).status).toBe(401);
});

test("client credentials give an access token for custom scopes", async () => {
  await using fixture = await cognitoWith();
  const { endpoint } = fixture.cognito;
  const basic = (secret: string) => ({
    authorization: `Basic ${Buffer.from(`m2m:${secret}`).toString("base64")}`,
  });
  const grant_type = "client_credentials";
  const good = await token(endpoint, { grant_type, scope: "mcp/read" }, basic("s3cret"));
  expect(Object.keys(good.body)).toEqual(["access_token", "expires_in", "token_type"]);
  const claims = decodeJwt(good.body.access_token);
  expect(claims).toMatchObject({ sub: "m2m", client_id: "m2m", scope: "mcp/read" });
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(600);
  const posted = { grant_type, client_id: "m2m", client_secret: "s3cret" };
  const all = await token(endpoint, posted);
  expect(decodeJwt(all.body.access_token).scope).toBe("mcp/read mcp/write");
  const errors = await Promise.all([
    token(endpoint, { grant_type }, basic("wrong")),
    token(endpoint, { ...posted, scope: "openid" }),
    token(endpoint, { ...posted, scope: "mcp/admin" }),
    token(endpoint, { grant_type, client_id: "webapp" }),
    token(endpoint, { ...posted, grant_type: "authorization_code", code: "x", redirect_uri: "x" }),
  ]);
  expect(errors.map(({ body }) => body.error)).toEqual([
    "invalid_client",
    "invalid_scope",
    "invalid_scope",
    "unauthorized_client",
    "unauthorized_client",
  ]);
});

test("keys, users and refresh tokens survive a restart; secrets are not kept in the clear", async () => {
  await using fixture = await cognitoWith();
  const before = await new Browser(fixture.cognito.endpoint).tokens();
  await fixture.restart();
  const { endpoint, issuer } = fixture.cognito;
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`));
  const { payload } = await jwtVerify(before.access_token, keys, { issuer });
  const after = await refresh(endpoint, before.refresh_token);
  expect(decodeJwt(after.body.access_token).sub).toBe(payload.sub);
  expect(statSync(join(fixture.dir, "signing-keys.json")).mode & 0o777).toBe(0o600);
  const files = readdirSync(fixture.dir).map((name) => readFileSync(join(fixture.dir, name)));
  const stored = Buffer.concat(files);
  expect(stored.includes(before.refresh_token ?? "-")).toBe(false);
  expect(stored.includes(PASSWORD)).toBe(false);
});

test("a killed pool loses neither refresh tokens nor users", async () => {
  const dir = mkdtempSync(join(tmpdir(), "cognito-kill-"));
  const script = join(import.meta.dirname, "fixtures", "cognito-process.ts");
  const start = async (port: string) => {
    const stdio = ["ignore", "pipe", "inherit"] as const;
    const child = spawn(process.execPath, [script, dir, port], { stdio: [...stdio] });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    return { child, endpoint: line.toString().trim() };
  };
  const first = await start("0");
  const tokens = await new Browser(first.endpoint).tokens();
  first.child.kill("SIGKILL");
  await once(first.child, "exit");
  const second = await start(new URL(first.endpoint).port);
  const refreshed = await refresh(second.endpoint, tokens.refresh_token);
  second.child.kill("SIGKILL");
  await once(second.child, "exit");
  rmSync(dir, { recursive: true });
  expect(refreshed.status).toBe(200);
  expect(decodeJwt(refreshed.body.access_token).sub).toBe(decodeJwt(tokens.access_token).sub);
});

test("the pre token generation trigger sees the V2 event and changes claims and scopes", async () => {
  const events: unknown[] = [];
  const invoke = async (name: string, event: unknown) => {
    events.push([name, event]);
    const claimsAndScopeOverrideDetails = {
      accessTokenGeneration: {
        claimsToAddOrOverride: { tenant: "a", sub: "forged", plan: { seats: 3 } },
        claimsToSuppress: ["version", "cognito:groups"],
        scopesToAdd: ["mcp/write"],
        scopesToSuppress: ["email"],
      },
      idTokenGeneration: { claimsToAddOrOverride: { tenant: "a" }, claimsToSuppress: ["email"] },
      groupOverrideDetails: { groupsToOverride: ["only"] },
    };
    return { ...(event as object), response: { claimsAndScopeOverrideDetails } };
  };
  const pool = { ...POOL, preTokenGeneration: "claims" };
  await using fixture = await cognitoWith({ pool, invoke });
  const { endpoint } = fixture.cognito;
  const tokens = await new Browser(endpoint).tokens();
  const access = decodeJwt(tokens.access_token);
  expect(access).toMatchObject({
    tenant: "a",
    plan: { seats: 3 },
    scope: "openid mcp/read mcp/write",
    "cognito:groups": ["only"],
    version: 2,
  });
  expect(access.sub).not.toBe("forged");
  const id = decodeJwt(tokens.id_token ?? "");
  expect(id.tenant).toBe("a");
  expect(id).not.toHaveProperty("email");
  await refresh(endpoint, tokens.refresh_token);
  const event = {
    version: "2",
    triggerSource: "TokenGeneration_HostedAuth",
    region: "us-east-1",
    userPoolId: "us-east-1_LOCAL01",
    userName: "alice",
    callerContext: { awsSdkVersion: "aws-sdk-unknown-unknown", clientId: "webapp" },
    request: {
      userAttributes: {
        sub: access.sub,
        email_verified: "true",
        email: "alice@example.com",
        "custom:tenant": "a",
        "cognito:user_status": "CONFIRMED",
      },
      groupConfiguration: {
        groupsToOverride: ["admins", "tenant-a"],
        iamRolesToOverride: [],
        preferredRole: null,
      },
      scopes: ["openid", "email", "mcp/read"],
    },
    response: { claimsAndScopeOverrideDetails: null },
  };
  expect(events).toEqual([
    ["claims", event],
    ["claims", { ...event, triggerSource: "TokenGeneration_RefreshTokens" }],
  ]);
});

test("a trigger that fails leaves the client without tokens", async () => {
  const invoke = async () => {
    throw new Error("no tenant");
  };
  const pool = { ...POOL, preTokenGeneration: "claims" };
  await using fixture = await cognitoWith({ pool, invoke });
  const { endpoint } = fixture.cognito;
  const code = (await new Browser(endpoint).authorize()).get("code") ?? "";
  const answer = await redeem(endpoint, { code });
  expect(answer.status).toBe(400);
  expect(answer.body).toEqual({
    error: "invalid_grant",
    error_description: "PreTokenGeneration failed with error no tenant.",
  });
});

test("faults: an answer is lost after its work was done, others replace it", async () => {
  await using fixture = await cognitoWith();
  const { endpoint } = fixture.cognito;
  const client_id = "strict";
  const { refresh_token } = await new Browser(endpoint).tokens({ client_id, scope: "" });
  const fault = { service: "cognito", operation: "/oauth2/token", times: 1 } as const;
  fixture.faults.add({ ...fault, action: { kind: "throttle" } });
  expect((await refresh(endpoint, refresh_token, client_id)).status).toBe(429);
  fixture.faults.add({ ...fault, action: { kind: "error" } });
  expect((await refresh(endpoint, refresh_token, client_id)).status).toBe(500);
  fixture.faults.add({ ...fault, action: { kind: "lose-answer" } });
  await expect(refresh(endpoint, refresh_token, client_id)).rejects.toThrow("fetch failed");
  expect((await refresh(endpoint, refresh_token, client_id)).body.error).toBe("invalid_grant");
});

test("the AWS SDK creates, lists and changes users", async () => {
  await using fixture = await cognitoWith();
  const { endpoint } = fixture.cognito;
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const sdk = new CognitoIdentityProviderClient({ endpoint, region: "us-east-1", credentials });
  const Username = "carol";
  const user = { UserPoolId: POOL.id, Username };
  const create = new AdminCreateUserCommand({
    ...user,
    TemporaryPassword: "first",
    UserAttributes: [{ Name: "email", Value: "carol@example.com" }],
  });
  const created = await sdk.send(create);
  expect(created.User).toMatchObject({ Username, UserStatus: "FORCE_CHANGE_PASSWORD" });
  await expect(sdk.send(create)).rejects.toThrow(UsernameExistsException);
  const browser = new Browser(endpoint);
  expect((await browser.authorize({}, Username, "first")).has("code")).toBe(false);
  await sdk.send(new AdminSetUserPasswordCommand({ ...user, Password: "second", Permanent: true }));
  await sdk.send(new AdminAddUserToGroupCommand({ ...user, GroupName: "tenant-b" }));
  const tokens = await browser.tokens({}, Username, "second");
  expect(decodeJwt(tokens.access_token)["cognito:groups"]).toEqual(["tenant-b"]);
  const got = await sdk.send(new AdminGetUserCommand(user));
  expect(got.UserStatus).toBe("CONFIRMED");
  expect(got.UserAttributes).toContainEqual({ Name: "email", Value: "carol@example.com" });
  expect(got.UserCreateDate).toBeInstanceOf(Date);
  const { Users } = await sdk.send(new ListUsersCommand({ UserPoolId: POOL.id }));
  expect(Users?.map((listed) => listed.Username)).toEqual(["alice", "bob", "carol"]);
  await expect(sdk.send(new AdminGetUserCommand({ ...user, Username: "dave" }))).rejects.toThrow(
    UserNotFoundException,
  );
  await expect(
    sdk.send(new AdminGetUserCommand({ ...user, UserPoolId: "us-east-1_Other" })),
  ).rejects.toThrow(ResourceNotFoundException);
  sdk.destroy();
});
