import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectModern } from "../harness/clients.ts";
import { zenode } from "../harness/command-line.ts";
import { type LocalPath, startPath } from "../harness/local-path.ts";
import { type RealTree, realTree } from "../harness/real-tree.ts";
import { signIn, tamper } from "../harness/sign-in.ts";
import { answerOf, postModern, startSession, textOf } from "../harness/wire.ts";

let local: LocalPath;
let tree: RealTree;
const tokens: Record<string, string> = {};
const HOUR = 3_600_000;

beforeAll(async () => {
  [local, tree] = await Promise.all([startPath(), realTree(["vite"])]);
  Object.assign(tokens, await makeTokens());
});
afterAll(async () => {
  await local.close();
  await tree.remove();
});

/** Bearer values that must not be taken, by what is wrong with them. */
async function makeTokens(): Promise<Record<string, string>> {
  const { clock } = local.cloud;
  clock.advance(-2 * HOUR);
  const old = await signIn(local);
  clock.advance(2 * HOUR);
  const { access, id } = await signIn(local);
  const unsigned = { header: { alg: "none", kid: undefined }, signature: "" };
  return {
    "no token": "",
    "no JWT": "abc",
    expired: old.access,
    "an identity token": id,
    "other claims": tamper(access, { claims: { username: "bob", sub: "bob" } }),
    "no signature": tamper(access, { signature: "" }),
    "algorithm none": tamper(access, unsigned),
    "another issuer's": await signElsewhere(access),
    "the signature of another token": tamper(access, { signature: old.access.split(".")[2] ?? "" }),
  };
}

/** The same claims and key id, signed by somebody else. */
async function signElsewhere(access: string): Promise<string> {
  const [header = "", claims = ""] = access.split(".");
  const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = await exportJWK(publicKey);
  return new SignJWT(read(claims)).setProtectedHeader({ ...read(header), jwk }).sign(privateKey);
}

const list = (token: string) =>
  postModern(local.mcpUrl, "tools/list", {}, token === "" ? {} : { token });

test("a client without a token is told where to get one, and the way is there [resource-discovery] [resource-well-known-paths] [resource-unauthorized-scope]", async () => {
  const response = await list("");
  expect(response.status).toBe(401);
  const { origin } = new URL(local.mcpUrl);
  const challenge = response.headers.get("www-authenticate") ?? "";
  const documentUrl = `${origin}/.well-known/oauth-protected-resource/mcp`;
  expect(challenge).toBe(
    `Bearer resource_metadata="${documentUrl}", scope="zenode/read zenode/write"`,
  );
  expect(response.headers.get("access-control-expose-headers")).toContain("WWW-Authenticate");

  for (const url of [documentUrl, `${origin}/.well-known/oauth-protected-resource`]) {
    const document = await fetch(url);
    expect(document.status).toBe(200);
    expect(await document.json()).toMatchObject({
      resource: local.mcpUrl,
      authorization_servers: [local.cloud.issuer],
      scopes_supported: expect.arrayContaining(["zenode/read", "zenode/write"]),
      bearer_methods_supported: ["header"],
    });
  }
  const issuer = await fetch(`${local.cloud.issuer}/.well-known/openid-configuration`);
  expect(await issuer.json()).toMatchObject({ issuer: local.cloud.issuer });
});

test("a browser may ask before it has a token", async () => {
  const response = await fetch(local.mcpUrl, {
    method: "OPTIONS",
    headers: { origin: "https://example.com", "access-control-request-method": "POST" },
  });
  expect(response.status).toBe(204);
  expect(response.headers.get("access-control-allow-headers")).toMatch(/mcp-protocol-version/i);
});

describe("a token that must not be taken", () => {
  test.each([
    "no token",
    "no JWT",
    "expired",
    "an identity token",
    "other claims",
    "no signature",
    "algorithm none",
    "another issuer's",
    "the signature of another token",
  ])(
    "%s is refused by the authorizer, and by the Lambda when it is asked directly [resource-unauthorized] [resource-validated] [http26-authenticated]",
    async (name) => {
      const token = tokens[name] ?? "";
      const atGateway = await list(token);
      expect(atGateway.status).toBe(401);
      expect(atGateway.headers.get("www-authenticate")).toContain("resource_metadata=");
      const direct = await invokeDirectly(token);
      expect(direct.status).toBe(401);
      expect(direct.challenge).toContain(
        `resource_metadata="${new URL(local.mcpUrl).origin}/.well-known/oauth-protected-resource/mcp"`,
      );
      expect(direct.body).not.toContain("tools");
    },
  );

  test("a good one is taken by both", async () => {
    const { access } = await signIn(local);
    expect((await list(access)).status).toBe(200);
    expect(await invokeDirectly(access)).toMatchObject({ status: 200 });
  });
});

/** The mcp function invoked past the gateway, with what an attacker could put into its event. */
async function invokeDirectly(token: string) {
  const request = {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/list",
    params: {
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": { name: "direct", version: "1" },
      },
    },
  };
  const headers = {
    ...(token !== "" && { Authorization: [`Bearer ${token}`] }),
    "Content-Type": ["application/json"],
    Accept: ["application/json, text/event-stream"],
    "MCP-Protocol-Version": ["2026-07-28"],
    "Mcp-Method": ["tools/list"],
  };
  const event = {
    httpMethod: "POST",
    path: "/mcp",
    body: JSON.stringify(request),
    isBase64Encoded: false,
    multiValueHeaders: headers,
    multiValueQueryStringParameters: null,
    // Claims of an authorizer that nobody asked.
    requestContext: { authorizer: { claims: { sub: "bob", scope: "zenode/admin" } } },
  };
  const invocation = await local.cloud.lambda.invoke("mcp", event, { streaming: true });
  if (invocation.kind !== "stream") throw new Error(`The function answered ${invocation.kind}.`);
  const text = await new Response(
    ReadableStream.from(invocation.body as AsyncIterable<Uint8Array<ArrayBuffer>>),
  ).text();
  const [prelude = "", body = ""] = text.split("\0".repeat(8));
  const { statusCode, headers: answered } = JSON.parse(prelude) as {
    statusCode: number;
    headers: Record<string, string>;
  };
  return { status: statusCode, challenge: answered["www-authenticate"] ?? "", body };
}

test.each([
  ["for another resource", { resource: "https://example.com/mcp" }],
  ["for no resource", { resource: null }],
])(
  "a token %s passes the authorizer and is refused by the Lambda [resource-audience]",
  async (_, request) => {
    const { access } = await signIn(local, request);
    const response = await list(access);
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toContain('error="invalid_token"');
    expect(await response.json()).toMatchObject({ error: "invalid_token" });
  },
);

test("a token without any of our scopes is refused with what would do", async () => {
  const { access } = await signIn(local, { scope: "openid email" });
  const response = await list(access);
  expect(response.status).toBe(403);
  const challenge = response.headers.get("www-authenticate");
  expect(challenge).toContain('error="insufficient_scope"');
  expect(challenge).toContain('scope="zenode/read zenode/write"');
});

test("a token that may only read may read, and may not push", async () => {
  const { access } = await signIn(local, { scope: "openid zenode/read" });
  const who = await postModern(
    local.mcpUrl,
    "tools/call",
    { name: "whoami", arguments: {} },
    { token: access },
  );
  expect((await answerOf(who)).result?.structuredContent).toMatchObject({ scopes: ["read"] });
  const { origin } = new URL(local.mcpUrl);
  for (const [step, body] of Object.entries({
    begin: { project: "p", blobs: [] },
    uploads: { project: "p", packs: [10] },
    commit: { project: "p", base: 0, root: "0".repeat(64), uploads: [], message: "" },
  })) {
    const response = await fetch(`${origin}/api/push/${step}`, {
      method: "POST",
      headers: { authorization: `Bearer ${access}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    expect(response.status, step).toBe(403);
    expect(await response.json()).toMatchObject({ error: "forbidden" });
  }
});

test("users see their own projects and sessions only [resource-handles]", async () => {
  const pushed = await zenode(
    ...["push", tree.folder, "--project", "secret", "--state", local.state, "--user", "bob"],
  );
  expect(pushed.code, pushed.stderr).toBe(0);
  const [alice, bob] = await Promise.all([local.token("alice"), local.token("bob")]);
  const [asAlice, asBob] = await Promise.all([
    connectModern(local.mcpUrl, alice),
    connectModern(local.mcpUrl, bob),
  ]);
  expect((await asBob.call("projects", {})).text).toContain("secret");
  expect((await asAlice.call("projects", {})).text).not.toContain("secret");
  for (const [name, args] of [
    ["read_file", { project: "secret", path: "vite/package.json" }],
    ["list_directory", { project: "secret" }],
    ["search_files", { project: "secret", pattern: "." }],
    ["workspace_report", { project: "secret" }],
  ] as const) {
    const { isError, text } = await asAlice.call(name, args);
    expect({ name, isError }).toEqual({ name, isError: true });
    expect(text).toMatch(/there is no project/i);
  }
  const session = await startSession(local.mcpUrl, bob);
  const stolen = await fetch(local.mcpUrl, {
    method: "POST",
    headers: {
      ...session,
      authorization: `Bearer ${alice}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
  });
  expect(stolen.status).toBe(404);
  const who = await postModern(
    local.mcpUrl,
    "tools/call",
    { name: "whoami", arguments: {} },
    { token: alice },
  );
  expect(textOf(await answerOf(who))).toContain("alice");
  await Promise.all([asAlice.close(), asBob.close()]);
});
