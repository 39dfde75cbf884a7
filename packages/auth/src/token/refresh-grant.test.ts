import { DAY, SECOND, UnavailableError } from "@zenode/core";
import { expect, test } from "vitest";
import { SignInDesk } from "../testing/sign-in-desk.ts";
import { randomText } from "./base64url.ts";

function tokenOf(answer: Awaited<ReturnType<SignInDesk["refresh"]>>): string {
  if (answer.kind === "issued") return answer.refreshToken;
  throw new Error(`${answer.error}: ${answer.description}`);
}

const ENDED = { kind: "refused", error: "invalid_grant" };

test("each refresh gives an access token and another refresh token", async () => {
  const desk = new SignInDesk();
  const first = await desk.signIn(["zenode/read", "zenode/write"]);
  const answer = await desk.refresh(first);
  expect(answer).toMatchObject({
    kind: "issued",
    expiresIn: 3600,
    scopes: ["zenode/read", "zenode/write"],
  });
  const second = tokenOf(answer);
  expect(second).not.toBe(first);
  desk.pass(3_600);
  expect(tokenOf(await desk.refresh(second))).not.toBe(second);
});

test("a hundred refreshes of one token at once give one next token, and nobody is signed out", async () => {
  const desk = new SignInDesk();
  const first = await desk.signIn();
  const answers = await Promise.all(Array.from({ length: 100 }, () => desk.refresh(first)));
  const [next = "", ...others] = new Set(answers.map(tokenOf));
  expect(others).toEqual([]);
  expect(tokenOf(await desk.refresh(next))).not.toBe(next);
});

test("an answer that got lost is given again, half a minute long", async () => {
  const desk = new SignInDesk();
  const first = await desk.signIn();
  const second = tokenOf(await desk.refresh(first));
  desk.pass(30);
  expect(tokenOf(await desk.refresh(first))).toBe(second);
  expect(tokenOf(await desk.refresh(second))).not.toBe(second);
});

test("a token that was used long ago ends its sign-in, and no other", async () => {
  const desk = new SignInDesk();
  const [first, other] = [await desk.signIn(), await desk.signIn()];
  const second = tokenOf(await desk.refresh(first));
  desk.pass(31);
  expect(await desk.refresh(first)).toMatchObject(ENDED);
  expect(await desk.refresh(second)).toMatchObject(ENDED);
  expect(await desk.refresh(other)).toMatchObject({ kind: "issued" });
});

test("the token before the last two ends it at once", async () => {
  const desk = new SignInDesk();
  const first = await desk.signIn();
  const second = tokenOf(await desk.refresh(first));
  const third = tokenOf(await desk.refresh(second));
  expect(await desk.refresh(first)).toMatchObject(ENDED);
  expect(await desk.refresh(third)).toMatchObject(ENDED);
});

test("one that is made up, cut, changed, another client's or of nobody ends nothing", async () => {
  const desk = new SignInDesk();
  const first = await desk.signIn();
  const [family = "", secret = "", tag = ""] = first.split(".");
  const [, strangeSecret, strangeTag] = (await desk.signIn()).split(".");
  for (const bad of [
    "",
    family,
    `${family}.${secret}`,
    `${first}.x`,
    ` ${first}`,
    `${family}.${randomText()}.${tag}`,
    `${family}.${strangeSecret}.${strangeTag}`,
    `${family}.${secret}.${randomText(16)}`,
    `grant_${"0".repeat(32)}.${secret}.${tag}`,
    `${family.toUpperCase()}.${secret}.${tag}`,
  ]) {
    expect(await desk.refresh(bad), bad).toMatchObject(ENDED);
  }
  expect(await desk.refresh(first, "client_2")).toMatchObject(ENDED);
  expect(await desk.refresh(first)).toMatchObject({ kind: "issued" });
});

test("a sign-in that has ended upstream has ended", async () => {
  const desk = new SignInDesk();
  const first = await desk.signIn();
  const second = tokenOf(await desk.refresh(first));
  desk.upstream.refresh = async () => undefined;
  expect(await desk.refresh(second)).toMatchObject(ENDED);
  expect(await desk.refresh(first)).toMatchObject(ENDED);
});

test("while the upstream can't be asked a token stays good, however long", async () => {
  const desk = new SignInDesk();
  const first = await desk.signIn();
  desk.upstream.before = () => Promise.reject(new UnavailableError("Cognito does not answer."));
  await expect(desk.refresh(first)).rejects.toThrow("Cognito does not answer.");
  desk.pass(3_600);
  desk.upstream.before = async () => undefined;
  expect(await desk.refresh(first)).toMatchObject({ kind: "issued" });
});

test("who looked before another moved it on answers as the other did", async () => {
  const desk = new SignInDesk();
  const first = await desk.signIn();
  let inner: string | undefined;
  desk.upstream.before = async () => {
    desk.upstream.before = async () => undefined;
    inner = tokenOf(await desk.refresh(first));
  };
  expect(tokenOf(await desk.refresh(first))).toBe(inner);
});

test("what is sealed is opened by nobody without the newest token and the key", async () => {
  const desk = new SignInDesk();
  const first = await desk.signIn();
  const family = await desk.families.find(first.split(".")[0] as `grant_${string}`, desk.now);
  expect(JSON.stringify(family)).not.toContain("upstream-");
  expect(JSON.stringify(family)).not.toContain(first.split(".")[1]);
  desk.keyTexts[0] = randomText();
  expect(await desk.refresh(first)).toMatchObject(ENDED);
});

test("the server's keys change and nobody signs in anew, also in the middle of a race", async () => {
  const desk = new SignInDesk();
  const first = await desk.signIn();
  const old = [...desk.keyTexts];
  const second = tokenOf(await desk.refresh(first));
  desk.keyTexts.unshift(randomText());
  expect(tokenOf(await desk.refresh(first))).toBe(second);
  const third = tokenOf(await desk.refresh(second));
  desk.keyTexts.splice(0, 2, ...desk.keyTexts.slice(0, 1));
  expect(desk.keyTexts).not.toContain(old[0]);
  expect(await desk.refresh(third)).toMatchObject({ kind: "issued" });
});

test("a process that does not know the newest key yet says that it may be tried again", async () => {
  const desk = new SignInDesk();
  const first = await desk.signIn();
  const old = [...desk.keyTexts];
  desk.keyTexts.unshift(randomText());
  await desk.refresh(first);
  desk.keyTexts.splice(0, 2, ...old);
  expect(await desk.refresh(first)).toMatchObject({ error: "temporarily_unavailable" });
});

test("scopes and resource are never more than the sign-in's", async () => {
  const desk = new SignInDesk();
  const first = await desk.signIn(["zenode/read"]);
  const grant = await desk.refreshGrant();
  const request = { refreshToken: first, clientId: "client_1" };
  const wide = { ...request, scopes: ["zenode/read", "zenode/admin"] };
  expect(await grant.refresh(wide)).toMatchObject({ error: "invalid_scope" });
  const elsewhere = { ...request, resource: "https://zenode.example/" };
  expect(await grant.refresh(elsewhere)).toMatchObject({ error: "invalid_target" });
  const same = { ...request, scopes: ["zenode/read"], resource: "https://zenode.example/mcp" };
  expect(await grant.refresh(same)).toMatchObject({ kind: "issued", scopes: ["zenode/read"] });
});

test("a sign-in ends by itself after thirty days", async () => {
  const desk = new SignInDesk();
  const first = await desk.signIn();
  desk.pass((30 * DAY) / SECOND);
  expect(await desk.refresh(first)).toMatchObject(ENDED);
});

test("revoking any token of a sign-in ends it; of another client's, or made up, nothing", async () => {
  const desk = new SignInDesk();
  const first = await desk.signIn();
  const second = tokenOf(await desk.refresh(first));
  const grant = await desk.refreshGrant();
  await grant.revoke(second, "client_2");
  await grant.revoke(`${second.slice(0, -1)}!`, "client_1");
  const third = tokenOf(await desk.refresh(second));
  await grant.revoke(third, "client_1");
  expect(await desk.refresh(third)).toMatchObject(ENDED);
  expect(desk.upstream.signedIn).toBe(0);
  const other = await desk.signIn();
  await desk.refresh(other);
  await grant.revoke(other, "client_1");
  expect(await desk.refresh(other)).toMatchObject(ENDED);
});
