import { type Id, isId } from "@zenode/core";
import { randomText, toBase64Url } from "./base64url.ts";
import { isSameDigest } from "./digest.ts";
import { derive, type ServerKey, type ServerKeys } from "./server-keys.ts";

export type FamilyId = Id<"grant">;

/**
 * `<family>.<secret>.<tag>`. The secret is what only its client has; the tag says that the token was ours once: one that is
 * made up ends no family.
 */
export interface RefreshToken {
  readonly family: FamilyId;
  readonly secret: string;
  readonly tag: string;
}

const SECRET = /^[\w-]{43}$/;
const TAG = /^[\w-]{22}$/;
const TAG_BYTES = 16;

/** Undefined: it has not the form of one of ours. */
export function parseRefreshToken(text: string): RefreshToken | undefined {
  const [family = "", secret = "", tag = "", ...more] = text.split(".");
  const isToken = isId("grant", family) && SECRET.test(secret) && TAG.test(tag);
  return isToken && more.length === 0 ? { family, secret, tag } : undefined;
}

export function toTokenText({ family, secret, tag }: RefreshToken): string {
  return `${family}.${secret}.${tag}`;
}

/** The first token of a family. */
export function firstToken(family: FamilyId, key: ServerKey): Promise<RefreshToken> {
  return tagged(family, randomText(), key);
}

/** The token that follows: whoever has this key and this token comes to the same. */
export async function nextToken(token: RefreshToken, key: ServerKey): Promise<RefreshToken> {
  const secret = toBase64Url(await derive(key, "next refresh token", toTokenText(token)));
  return tagged(token.family, secret, key);
}

/** Whether it was ours, made with any key that is still known. */
export async function isGenuine(token: RefreshToken, keys: ServerKeys): Promise<boolean> {
  const tags = keys.all.map((key) => tagOf(token.family, token.secret, key));
  return (await Promise.all(tags)).some((tag) => isSameDigest(tag, token.tag));
}

async function tagged(family: FamilyId, secret: string, key: ServerKey): Promise<RefreshToken> {
  return { family, secret, tag: await tagOf(family, secret, key) };
}

async function tagOf(family: FamilyId, secret: string, key: ServerKey): Promise<string> {
  const tag = await derive(key, "refresh token tag", `${family}.${secret}`);
  return toBase64Url(tag.slice(0, TAG_BYTES));
}
