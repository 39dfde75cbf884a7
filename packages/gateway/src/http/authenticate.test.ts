import { expect, test } from "vitest";
import { authenticate, type TokenVerifier } from "./authenticate.ts";

const METADATA = "https://z.example/.well-known/oauth-protected-resource/mcp";

const verify: TokenVerifier = async (token) =>
  token === "good"
    ? {
        kind: "valid",
        claims: { sub: "s", iss: "i", client_id: "c", exp: 1, scope: "zenode/read" },
      }
    : { kind: "invalid", message: "The token's signature is wrong." };

const request = (authorization?: string) =>
  new Request("https://z.example/mcp", { headers: authorization ? { authorization } : {} });

test("a good token makes the principal", async () => {
  expect(await authenticate(request("Bearer good"), verify, METADATA)).toMatchObject({
    tenant: "u-s",
    subject: "s",
  });
  expect(await authenticate(request("bearer good"), verify, METADATA)).toMatchObject({
    subject: "s",
  });
});

test.each([
  ["no header", undefined, false],
  ["another scheme", "Basic good", false],
  ["an empty token", "Bearer ", false],
  ["a bad token", "Bearer bad", true],
])("%s is answered 401 with where to sign in", async (_, header, isBad) => {
  const response = await authenticate(request(header), verify, METADATA);
  if (!(response instanceof Response)) throw new Error("expected a response");
  expect(response.status).toBe(401);
  const challenge = response.headers.get("www-authenticate") ?? "";
  expect(challenge).toContain(`Bearer resource_metadata="${METADATA}"`);
  expect(challenge.includes('error="invalid_token"')).toBe(isBad);
});
