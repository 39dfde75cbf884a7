import { expect, test } from "vitest";
import { isChallenge, verifies } from "./pkce.ts";

// RFC 7636, appendix B.
const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

test("the verifier of the RFC's example is its challenge's, and no other is", async () => {
  expect(isChallenge(CHALLENGE)).toBe(true);
  expect(await verifies(VERIFIER, CHALLENGE)).toBe(true);
  expect(await verifies(`${VERIFIER.slice(0, -1)}l`, CHALLENGE)).toBe(false);
  expect(await verifies(CHALLENGE, CHALLENGE)).toBe(false);
});

test.each([
  "",
  "short",
  "a".repeat(42),
  "a".repeat(44),
  `${"a".repeat(42)}=`,
  `${"a".repeat(42)}+`,
])("%j is no challenge of S256", (text) => {
  expect(isChallenge(text)).toBe(false);
});

test.each(["a".repeat(42), "a".repeat(129), `${"a".repeat(43)} `, `${"a".repeat(43)}é`])(
  "%j is no verifier",
  async (text) => {
    expect(await verifies(text, CHALLENGE)).toBe(false);
  },
);
