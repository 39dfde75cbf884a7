import type { Clock } from "@zenode/core";
import type { UpstreamTokenSource, UpstreamTokens } from "../upstream/upstream.ts";
import { digest } from "./digest.ts";
import type { Family, FamilyStore } from "./family.ts";
import { judgeToken } from "./family-policy.ts";
import { familySeal } from "./family-seal.ts";
import { refuse, type TokenAnswer, type TokenRefusal } from "./oauth-answer.ts";
import {
  isGenuine,
  nextToken,
  parseRefreshToken,
  type RefreshToken,
  toTokenText,
} from "./refresh-token.ts";
import { openText, sealText } from "./sealed-text.ts";
import type { ServerKeys } from "./server-keys.ts";

export interface RefreshGrantPorts {
  readonly families: FamilyStore;
  readonly upstream: UpstreamTokenSource;
  readonly keys: ServerKeys;
  readonly clock: Clock;
}

export interface RefreshRequest {
  readonly refreshToken: string;
  readonly clientId: string;
  /** Absent: the one it was given for. */
  readonly resource?: string;
  /** Some of those it was given for; they stay what they are: Cognito narrows none. */
  readonly scopes?: readonly string[];
}

const ENDED = "The sign-in has ended. Sign in again.";

/**
 * New tokens for a refresh token (RFC 6749 section 6), which is thereby used (RFC 9700 section 4.14.2). Whoever asks with the
 * same one at the same time, or again because the answer was lost, gets the same next token.
 */
export class RefreshGrant {
  readonly #ports: RefreshGrantPorts;

  constructor(ports: RefreshGrantPorts) {
    this.#ports = ports;
  }

  async refresh(request: RefreshRequest): Promise<TokenAnswer> {
    const token = parseRefreshToken(request.refreshToken);
    const now = this.#ports.clock.now();
    const family = token && (await this.#ports.families.find(token.family, now));
    if (!token || family?.clientId !== request.clientId) return refuse("invalid_grant", ENDED);
    const wrong = findWrong(request, family);
    if (wrong) return wrong;
    switch (judgeToken(family, await digest(toTokenText(token)), now)) {
      case "newest":
        return this.#moveOn(token, family);
      case "again":
        return this.#answerAgain(token, family);
      case "reused":
        if (await isGenuine(token, this.#ports.keys)) await this.#end(family);
        return refuse("invalid_grant", ENDED);
      case "revoked":
        return refuse("invalid_grant", ENDED);
    }
  }

  /** RFC 7009: whoever has any token of a family that was ours ends all of it. Says nothing of whether there was one. */
  async revoke(refreshToken: string, clientId: string): Promise<void> {
    const token = parseRefreshToken(refreshToken);
    const { families, keys, clock } = this.#ports;
    if (!token || !(await isGenuine(token, keys))) return;
    const family = await families.find(token.family, clock.now());
    if (family?.clientId !== clientId) return;
    await this.#end(family);
    const upstream = await this.#open(token, family);
    if (upstream !== undefined) await this.#ports.upstream.revoke(upstream);
  }

  /** Cognito first: where it can't be asked now, the token stays good. */
  async #moveOn(token: RefreshToken, family: Family): Promise<TokenAnswer> {
    const { families, keys, upstream, clock } = this.#ports;
    const held = await this.#open(token, family);
    const tokens = held === undefined ? undefined : await upstream.refresh(held);
    if (held === undefined || !tokens) return this.#endedUpstream(family);
    const key = keys.newest;
    const next = await nextToken(token, key);
    const move = {
      hash: await digest(toTokenText(next)),
      previousHash: family.hash,
      movedAt: clock.now(),
      keyId: key.id,
      sealed: await sealText(tokens.refreshToken ?? held, familySeal(family, next, key)),
    };
    if (await families.move(family.id, move)) return toAnswer(tokens, next);
    const moved = await families.find(family.id, clock.now());
    const isOurs = moved && judgeToken(moved, family.hash, clock.now()) === "again";
    return isOurs ? this.#answerWith(tokens, token, moved) : refuse("invalid_grant", ENDED);
  }

  /** It was used a moment ago: the next token is known, and opens what is sealed now. */
  async #answerAgain(token: RefreshToken, family: Family): Promise<TokenAnswer> {
    const next = await this.#nextOf(token, family);
    const held = next && (await this.#open(next, family));
    if (!next || held === undefined) return refuse("temporarily_unavailable", "Try again.");
    const tokens = await this.#ports.upstream.refresh(held);
    return tokens ? toAnswer(tokens, next) : this.#endedUpstream(family);
  }

  async #answerWith(
    tokens: UpstreamTokens,
    token: RefreshToken,
    family: Family,
  ): Promise<TokenAnswer> {
    const next = await this.#nextOf(token, family);
    return next ? toAnswer(tokens, next) : refuse("temporarily_unavailable", "Try again.");
  }

  /** What the family moved on to, made with the key of whoever moved it. */
  async #nextOf(token: RefreshToken, family: Family): Promise<RefreshToken | undefined> {
    const key = this.#ports.keys.find(family.keyId);
    return key && nextToken(token, key);
  }

  async #open(token: RefreshToken, family: Family): Promise<string | undefined> {
    const key = this.#ports.keys.find(family.keyId);
    return key && openText(family.sealed, familySeal(family, token, key));
  }

  async #endedUpstream(family: Family): Promise<TokenRefusal> {
    await this.#end(family);
    return refuse("invalid_grant", ENDED);
  }

  #end({ id, expiresAt }: Family): Promise<void> {
    return this.#ports.families.revoke(id, expiresAt);
  }
}

function findWrong(request: RefreshRequest, family: Family): TokenRefusal | undefined {
  if (request.resource !== undefined && request.resource !== family.resource) {
    return refuse("invalid_target", `This sign-in is for ${family.resource}.`);
  }
  const more = request.scopes?.find((scope) => !family.scopes.includes(scope));
  if (more === undefined) return undefined;
  return refuse("invalid_scope", `This sign-in is not for ${more}; a new sign-in may be.`);
}

function toAnswer(tokens: UpstreamTokens, next: RefreshToken): TokenAnswer {
  const { accessToken, expiresIn, scopes } = tokens;
  return { kind: "issued", accessToken, expiresIn, refreshToken: toTokenText(next), scopes };
}
