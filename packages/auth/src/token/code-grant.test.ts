import { expect, test } from "vitest";
import { SignInDesk } from "../testing/sign-in-desk.ts";
import { randomText } from "./base64url.ts";

const REFUSED = { kind: "refused", error: "invalid_grant" };

test("a code gives the tokens of its sign-in, less the time that has passed", async () => {
  const desk = new SignInDesk();
  const request = await desk.newCode(["zenode/read", "zenode/write"]);
  desk.pass(10);
  const answer = await (await desk.codeGrant()).redeem(request);
  expect(answer).toMatchObject({
    kind: "issued",
    expiresIn: 3590,
    scopes: ["zenode/read", "zenode/write"],
  });
  expect(JSON.stringify(answer)).not.toContain("upstream-");
});

test("a code that is used again ends what it gave", async () => {
  const desk = new SignInDesk();
  const request = await desk.newCode();
  const grant = await desk.codeGrant();
  const first = await grant.redeem(request);
  expect(await grant.redeem(request)).toMatchObject(REFUSED);
  const token = first.kind === "issued" ? first.refreshToken : "";
  expect(await desk.refresh(token)).toMatchObject(REFUSED);
});

test("of a hundred that use one code at once nobody keeps a sign-in", async () => {
  const desk = new SignInDesk();
  const request = await desk.newCode();
  const grants = await Promise.all(Array.from({ length: 100 }, () => desk.codeGrant()));
  const answers = await Promise.all(grants.map((grant) => grant.redeem(request)));
  const issued = answers.flatMap((answer) => (answer.kind === "issued" ? [answer] : []));
  expect(issued.length).toBeLessThanOrEqual(1);
  for (const { refreshToken } of issued) {
    expect(await desk.refresh(refreshToken)).toMatchObject(REFUSED);
  }
});

test.each([
  ["another verifier", { verifier: randomText() }],
  ["the challenge as verifier (plain)", { verifier: "challenge" }],
  ["a short verifier", { verifier: "a" }],
  ["another client", { clientId: "client_2" }],
  ["another redirect URI", { redirectUri: "http://127.0.0.1:8/callback" }],
  ["another path", { redirectUri: "http://127.0.0.1:7/callback/" }],
  ["another code", { code: randomText() }],
  ["no code", { code: "" }],
])("%s gets nothing, and the client still can", async (_, change) => {
  const desk = new SignInDesk();
  const request = await desk.newCode();
  const grant = await desk.codeGrant();
  expect(await grant.redeem({ ...request, ...change })).toMatchObject(REFUSED);
  expect(await grant.redeem(request)).toMatchObject({ kind: "issued" });
});

test("a code is for the resource that it was asked for", async () => {
  const desk = new SignInDesk();
  const request = await desk.newCode();
  const grant = await desk.codeGrant();
  const elsewhere = { ...request, resource: "https://other.example/mcp" };
  expect(await grant.redeem(elsewhere)).toMatchObject({ error: "invalid_target" });
  const here = { ...request, resource: "https://zenode.example/mcp" };
  expect(await grant.redeem(here)).toMatchObject({ kind: "issued" });
});

test("a code lives a minute", async () => {
  const desk = new SignInDesk();
  const [early, late] = [await desk.newCode(), await desk.newCode()];
  const grant = await desk.codeGrant();
  desk.pass(59);
  expect(await grant.redeem(early)).toMatchObject({ kind: "issued" });
  desk.pass(1);
  expect(await grant.redeem(late)).toMatchObject(REFUSED);
});

test("a code survives a change of the server's key", async () => {
  const desk = new SignInDesk();
  const request = await desk.newCode();
  desk.keyTexts.unshift(randomText());
  expect(await (await desk.codeGrant()).redeem(request)).toMatchObject({ kind: "issued" });
});
