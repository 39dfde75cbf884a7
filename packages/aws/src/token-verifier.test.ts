import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTokenVerifier } from "./token-verifier.ts";

const RESOURCE = "https://zenode.example/mcp";
const signing = generateKeyPairSync("rsa", { modulusLength: 2048 });
const foreign = generateKeyPairSync("rsa", { modulusLength: 2048 });
let answer: { status: number; keys: object[] };
let fetches = 0;
let issuer = "";

const server = createServer((_request, response) => {
  fetches += 1;
  response.writeHead(answer.status, { "content-type": "application/json" });
  response.end(JSON.stringify({ keys: answer.keys }));
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/eu-central-1_local`;
});
beforeEach(() => {
  answer = { status: 200, keys: [toJwk(signing.publicKey, "k1")] };
  fetches = 0;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

function toJwk(key: KeyObject, kid: string) {
  return { ...key.export({ format: "jwk" }), kid, use: "sig", alg: "RS256" };
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const seconds = () => Math.floor(Date.now() / 1000);

function claims(change: Record<string, unknown> = {}) {
  return {
    sub: "ada",
    iss: issuer,
    client_id: "client-1",
    token_use: "access",
    scope: "zenode/read zenode/write",
    username: "ada",
    "cognito:groups": ["tenant-acme"],
    aud: RESOURCE,
    exp: seconds() + 60,
    ...change,
  };
}

function toToken(payload: object, header: object = {}, key: KeyObject = signing.privateKey) {
  const text = `${encode({ alg: "RS256", kid: "k1", ...header })}.${encode(payload)}`;
  return `${text}.${sign("sha256", Buffer.from(text), key).toString("base64url")}`;
}

const verifier = (requireAudience = true) =>
  createTokenVerifier({ issuer, clientIds: ["client-1"], resource: RESOURCE, requireAudience });

test("a token's claims come back, and the keys are fetched once", async () => {
  const verify = verifier();
  const expected = claims();
  const { aud: _aud, token_use: _use, ...kept } = expected;
  for (let call = 0; call < 3; call += 1) {
    expect(await verify(toToken(expected))).toEqual({ kind: "valid", claims: kept });
  }
  expect(fetches).toBe(1);
});

test("a key that is new at the issuer is found", async () => {
  const verify = verifier();
  await verify(toToken(claims()));
  answer.keys = [toJwk(signing.publicKey, "k1"), toJwk(foreign.publicKey, "k2")];
  const token = toToken(claims(), { kid: "k2" }, foreign.privateKey);
  expect(await verify(token)).toMatchObject({ kind: "valid" });
});

test("an expired token is told apart, so that a client refreshes", async () => {
  const check = await verifier()(toToken(claims({ exp: seconds() - 1 })));
  expect(check).toEqual({ kind: "expired", message: "The access token has expired." });
});

describe("refused as invalid", () => {
  const hmac = () => `${encode({ alg: "HS256", kid: "k1" })}.${encode(claims())}.c2ln`;
  const tokens: Record<string, () => string> = {
    "no token": () => "",
    "three words": () => "a.b.c",
    "signed by another key": () => toToken(claims(), {}, foreign.privateKey),
    "changed after signing": () =>
      toToken(claims()).replace(/\.[^.]+\./, `.${encode(claims({ sub: "eve" }))}.`),
    "not signed": () => `${encode({ alg: "none", kid: "k1" })}.${encode(claims())}.`,
    "signed with a public key as secret": hmac,
    "without a key id": () => toToken(claims(), { kid: undefined }),
    "of another issuer": () => toToken(claims({ iss: "https://evil.example/pool" })),
    "without an issuer": () => toToken(claims({ iss: undefined })),
    "an ID token": () => toToken(claims({ token_use: "id", aud: "client-1" })),
    "of another client": () => toToken(claims({ client_id: "client-2" })),
    "for another resource": () => toToken(claims({ aud: "https://other.example/mcp" })),
    "for a resource that only starts alike": () => toToken(claims({ aud: `${RESOURCE}/x` })),
    "without an audience": () => toToken(claims({ aud: undefined })),
    "without an end": () => toToken(claims({ exp: undefined })),
    "not valid yet": () => toToken(claims({ nbf: seconds() + 60 })),
    "without a subject": () => toToken(claims({ sub: undefined })),
  };
  test.each(Object.keys(tokens))("%s", async (name) => {
    const check = await verifier()(tokens[name]?.() ?? "");
    expect(check).toEqual({ kind: "invalid", message: expect.stringMatching(/token/) });
  });
});

test("a token without an audience counts where none is required, another resource's never", async () => {
  const verify = verifier(false);
  expect(await verify(toToken(claims({ aud: undefined })))).toMatchObject({ kind: "valid" });
  expect(await verify(toToken(claims({ aud: "https://other.example" })))).toMatchObject({
    kind: "invalid",
  });
});

test("keys that can't be had say nothing about a token", async () => {
  answer.status = 503;
  const check = verifier()(toToken(claims()));
  await expect(check).rejects.toMatchObject({ name: "UnavailableError" });
});

test("keys over plain http are fetched from loopback only", () => {
  const options = { resource: RESOURCE, requireAudience: true };
  for (const host of ["zenode.example", "127.0.0.1.evil.example", "10.0.0.1"]) {
    expect(() => createTokenVerifier({ ...options, issuer: `http://${host}/pool` })).toThrow(
      /must be https/,
    );
  }
  expect(
    createTokenVerifier({ ...options, issuer: "https://cognito-idp.eu-central-1.amazonaws.com/p" }),
  ).toBeTypeOf("function");
});
