import { generateKeyPair, UnsecuredJWT } from "jose";
import { expect, test } from "vitest";
import type { GatewayResponseTemplate } from "../../packages/emulator/src/template.ts";
import {
  gatewayWith,
  routeOf,
  SCOPES,
  streamed,
  type TokenPool,
  tokenPool,
} from "./gateway-fixture.ts";

const HOUR = 3_600_000;
const METADATA = "{origin}/.well-known/oauth-protected-resource/mcp";

const GATEWAY_RESPONSES: GatewayResponseTemplate[] = [
  {
    responseType: "UNAUTHORIZED",
    statusCode: 401,
    headers: { "WWW-Authenticate": `Bearer resource_metadata="${METADATA}"` },
  },
  {
    responseType: "ACCESS_DENIED",
    statusCode: 403,
    headers: { "WWW-Authenticate": 'Bearer error="insufficient_scope"' },
  },
];

function guarded(pool: TokenPool, authorizerTtlSeconds = 300, scopes: readonly string[] = SCOPES) {
  return gatewayWith(() => streamed({ statusCode: 200 }, "{}"), {
    pool,
    authorizerTtlSeconds,
    routes: [routeOf({ scopes }), routeOf({ path: "/open" })],
    gatewayResponses: GATEWAY_RESPONSES,
    publicOrigin: () => "https://public.example",
  });
}

function withToken(token: string): RequestInit {
  return { headers: { authorization: token } };
}

test("a good token lets the request in, with its claims as AWS writes them", async () => {
  await using pool = await tokenPool();
  await using gateway = await guarded(pool);
  const token = await pool.token({
    iat: 1_510_255_123,
    exp: 4_102_444_800,
    address: { city: "Linz" },
  });
  for (const header of [`Bearer ${token}`, token]) {
    expect((await gateway.fetch("/dev/mcp", withToken(header))).status).toBe(200);
  }
  const event = gateway.events[0];
  expect(event?.headers.authorization).toBe(`Bearer ${token}`);
  expect(event?.requestContext.authorizer).toEqual({
    claims: {
      iss: pool.issuer,
      sub: "11111111-1111-4111-8111-111111111111",
      token_use: "access",
      scope: "openid mcp/read",
      client_id: "webapp",
      username: "alice",
      "cognito:groups": "admins,tenant-a",
      auth_time: "1510255123",
      version: "2",
      iat: "Thu Nov 09 19:18:43 UTC 2017",
      exp: "Fri Jan 01 00:00:00 UTC 2100",
      address: '{"city":"Linz"}',
    },
  });
});

const UNAUTHORIZED: readonly (readonly [string, (pool: TokenPool) => Promise<string>])[] = [
  ["no token", async () => ""],
  ["only the scheme", async () => "Bearer "],
  ["no JWT", async () => "Bearer nonsense"],
  ["three dots of nothing", async () => "Bearer a.b.c"],
  ["another pool", (pool) => pool.token({ iss: `${pool.issuer}X` })],
  ["no issuer", (pool) => pool.token({ iss: undefined })],
  ["an identity token", (pool) => pool.token({ token_use: "id", aud: "webapp" })],
  ["no use", (pool) => pool.token({ token_use: undefined })],
  ["no expiry", (pool) => pool.token({ exp: undefined })],
  ["not yet valid", (pool) => pool.token({ nbf: 4_102_444_800 })],
  ["a foreign key", async (pool) => pool.token({}, (await generateKeyPair("RS256")).privateKey)],
  [
    "alg none",
    async (pool) => new UnsecuredJWT({ token_use: "access" }).setIssuer(pool.issuer).encode(),
  ],
  [
    "a changed payload",
    async (pool) => {
      const [head, payload = "", signature] = (await pool.token()).split(".");
      const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
      const forged = Buffer.from(JSON.stringify({ ...claims, username: "bob" }));
      return `${head}.${forged.toString("base64url")}.${signature}`;
    },
  ],
];

test.for(UNAUTHORIZED)("%s: 401 with the challenge of the gateway response", async ([, make]) => {
  await using pool = await tokenPool();
  await using gateway = await guarded(pool);
  const response = await gateway.fetch("/dev/mcp", withToken(await make(pool)));
  expect(response.status).toBe(401);
  expect(response.headers.get("www-authenticate")).toBe(
    'Bearer resource_metadata="https://public.example/.well-known/oauth-protected-resource/mcp"',
  );
  expect(response.headers.get("x-amzn-errortype")).toBe("UnauthorizedException");
  expect(await response.json()).toEqual({ message: "Unauthorized" });
  expect(gateway.events).toEqual([]);
});

test("an expired token is told so", async () => {
  await using pool = await tokenPool();
  await using gateway = await guarded(pool);
  const token = await pool.token();
  pool.clock.advance(HOUR + 1_000);
  const response = await gateway.fetch("/dev/mcp", withToken(token));
  expect(response.status).toBe(401);
  expect(await response.json()).toEqual({ message: "The incoming token has expired" });
});

test("a good token without any of the scopes is denied", async () => {
  await using pool = await tokenPool();
  await using gateway = await guarded(pool);
  for (const scope of ["openid", "mcp/reader", "", undefined]) {
    const response = await gateway.fetch("/dev/mcp", withToken(await pool.token({ scope })));
    expect(response.status).toBe(403);
    expect(response.headers.get("www-authenticate")).toBe('Bearer error="insufficient_scope"');
    expect(response.headers.get("x-amzn-errortype")).toBe("AccessDeniedException");
  }
  expect(gateway.events).toEqual([]);
});

test("a route with an authorizer but without scopes takes identity tokens", async () => {
  await using pool = await tokenPool();
  await using gateway = await guarded(pool, 300, []);
  const id = await pool.token({ token_use: "id", scope: undefined });
  expect((await gateway.fetch("/dev/mcp", withToken(id))).status).toBe(200);
  expect((await gateway.fetch("/dev/mcp", withToken(await pool.token()))).status).toBe(401);
});

test("a route without an authorizer asks for nothing", async () => {
  await using pool = await tokenPool();
  await using gateway = await guarded(pool);
  expect((await gateway.fetch("/dev/open")).status).toBe(200);
  expect(pool.jwksRequests()).toBe(0);
});

test("an answer is believed for its ttl, past the token's expiry even", async () => {
  await using pool = await tokenPool();
  await using gateway = await guarded(pool, 300);
  const token = await pool.token({ exp: Math.floor(pool.clock.now() / 1_000) + 60 });
  const ask = async () => (await gateway.fetch("/dev/mcp", withToken(token))).status;
  expect(await ask()).toBe(200);
  pool.clock.advance(290_000);
  expect(await ask()).toBe(200);
  pool.clock.advance(20_000);
  expect(await ask()).toBe(401);
  expect(pool.jwksRequests()).toBe(1);
});

test("with a ttl of 0 every request is checked", async () => {
  await using pool = await tokenPool();
  await using gateway = await guarded(pool, 0);
  const token = await pool.token({ exp: Math.floor(pool.clock.now() / 1_000) + 60 });
  const ask = async () => (await gateway.fetch("/dev/mcp", withToken(token))).status;
  expect(await ask()).toBe(200);
  pool.clock.advance(61_000);
  expect(await ask()).toBe(401);
});

test("a pool that cannot be reached is the gateway's failure, not the client's", async () => {
  const pool = await tokenPool();
  await using gateway = await guarded(pool);
  const token = await pool.token();
  await pool[Symbol.asyncDispose]();
  const response = await gateway.fetch("/dev/mcp", withToken(token));
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({ message: "Internal server error" });
});
