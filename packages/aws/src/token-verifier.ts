import { type AccessTokenClaims, UnavailableError } from "@zenode/core";
import {
  FetchError,
  JwksValidationError,
  JwtBaseError,
  JwtExpiredError,
  WaitPeriodNotYetEndedJwkError,
} from "aws-jwt-verify/error";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";
import type { JwtPayload } from "aws-jwt-verify/jwt-model";
import { JwtVerifier } from "aws-jwt-verify/jwt-verifier";
import { jwksFetcherFor } from "./jwks-fetcher.ts";

export interface TokenVerifierOptions {
  /** The user pool: `https://cognito-idp.<region>.amazonaws.com/<pool id>`, or the local cloud's on loopback. */
  readonly issuer: string;
  /** Clients whose tokens count; absent: all of the pool's. */
  readonly clientIds?: readonly string[];
  /** This server's resource identifier (RFC 8707), compared with `aud`. */
  readonly resource: string;
  /** Whether a token without `aud` is refused; Cognito sets it only when the client named a resource. */
  readonly requireAudience: boolean;
}

export type TokenCheck =
  | { readonly kind: "valid"; readonly claims: AccessTokenClaims }
  | { readonly kind: "expired" | "invalid"; readonly message: string };

/** Failures of fetching the issuer's keys: they say nothing about the token. */
const KEYS_UNAVAILABLE = [FetchError, JwksValidationError, WaitPeriodNotYetEndedJwkError];

/**
 * Checks Cognito access tokens: signature by the pool's keys (fetched once, and again for a key id
 * not seen before), `iss`, `exp`, `nbf`, `token_use`, `client_id`, `aud` (Amazon Cognito developer
 * guide, verifying JSON web tokens). The same code serves AWS and the local cloud, hence no
 * CognitoJwtVerifier, which accepts AWS's issuers only.
 */
export function createTokenVerifier(
  options: TokenVerifierOptions,
): (token: string) => Promise<TokenCheck> {
  const jwksCache = new SimpleJwksCache({ fetcher: jwksFetcherFor(new URL(options.issuer)) });
  // Asked for while the process still starts; a failure shows again, with its reason, at the first token.
  jwksCache.getJwks(`${options.issuer}/.well-known/jwks.json`).catch(() => undefined);
  const verifier = JwtVerifier.create({ issuer: options.issuer, audience: null }, { jwksCache });
  return async (token) => {
    try {
      return checkClaims(await verifier.verify(token), options);
    } catch (cause) {
      return toRefusal(cause);
    }
  };
}

/** @throws UnavailableError when the keys could not be had. */
function toRefusal(cause: unknown): TokenCheck {
  if (cause instanceof JwtExpiredError) {
    return { kind: "expired", message: "The access token has expired." };
  }
  const keysUnavailable = KEYS_UNAVAILABLE.some((kind) => cause instanceof kind);
  if (cause instanceof JwtBaseError && !keysUnavailable) {
    return { kind: "invalid", message: "The access token is not one of this server's issuer." };
  }
  throw new UnavailableError("The issuer's keys can't be read now.", { cause });
}

function checkClaims(payload: JwtPayload, options: TokenVerifierOptions): TokenCheck {
  const claims = parseClaims(payload);
  if (typeof claims === "string") return { kind: "invalid", message: claims };
  if (options.clientIds && !options.clientIds.includes(claims.client_id)) {
    return { kind: "invalid", message: "The access token was issued to a client unknown here." };
  }
  const audience = audienceProblem(payload.aud, options);
  return audience ? { kind: "invalid", message: audience } : { kind: "valid", claims };
}

/** RFC 8707; MCP authorization: a server accepts only tokens issued for it. */
function audienceProblem(
  aud: JwtPayload["aud"],
  { resource, requireAudience }: TokenVerifierOptions,
): string | undefined {
  if (aud === undefined) {
    return requireAudience ? "The access token names no audience." : undefined;
  }
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  return audiences.includes(resource) ? undefined : "The access token is for another resource.";
}

/** The claims, or what is wrong with them. */
function parseClaims(payload: JwtPayload): AccessTokenClaims | string {
  const { sub, iss, exp, scope, username, client_id, token_use } = payload;
  const groups = payload["cognito:groups"];
  if (token_use !== "access") return "This is no access token.";
  if (typeof sub !== "string" || typeof iss !== "string" || typeof client_id !== "string") {
    return "The access token lacks a subject or a client.";
  }
  if (typeof exp !== "number") return "The access token has no end.";
  return {
    sub,
    iss,
    client_id,
    exp,
    ...(typeof scope === "string" && { scope }),
    ...(typeof username === "string" && { username }),
    ...(isTexts(groups) && { "cognito:groups": groups }),
  };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
