import { createLocalJWKSet, errors, type JWTPayload, jwtVerify } from "jose";
import type { EmulatorClock } from "../clock.ts";
import { authenticateClient } from "./client-authentication.ts";
import { type PoolRequest, readForm } from "./pool-request.ts";
import { json, oauthError, type Reply } from "./reply.ts";
import { attributesOf } from "./user-directory.ts";
import type { UserPool } from "./user-pool.ts";

/**
 * `POST /oauth2/revoke`: ends the sign-in of a refresh token. An unknown token is fine (RFC 7009).
 * https://docs.aws.amazon.com/cognito/latest/developerguide/revocation-endpoint.html
 */
export function revokeEndpoint(pool: UserPool, request: PoolRequest): Reply {
  const form = readForm(request);
  const token = form?.get("token") ?? "";
  if (form === undefined || token === "") return oauthError("invalid_request");
  const client = authenticateClient(pool, request, form);
  if (client === undefined) return oauthError("invalid_client", undefined, 401);
  // Access and identity tokens are JWTs; refresh tokens hold no dot here.
  if (token.includes(".")) return oauthError("unsupported_token_type");
  if (pool.refreshTokens.revoke(token, client.clientId) === "other-client") {
    return oauthError("invalid_request");
  }
  return { status: 200, headers: {}, body: "" };
}

/**
 * `GET|POST /oauth2/userInfo` with an access token that has the `openid` scope; else 401.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/userinfo-endpoint.html
 */
export async function userInfoEndpoint(
  pool: UserPool,
  request: PoolRequest,
  clock: EmulatorClock,
): Promise<Reply> {
  const token = request.headers.authorization?.match(/^Bearer (\S+)$/i)?.[1];
  if (token === undefined) return challenge(400, "invalid_request", "Bearer token is missing");
  const claims = await readAccessToken(pool, token, clock);
  const user = claims === undefined ? undefined : pool.users.find(String(claims.username));
  if (claims === undefined || user === undefined) {
    const description =
      "Access token is expired, disabled, or deleted, or the user has globally signed out.";
    return challenge(401, "invalid_token", description);
  }
  if (!String(claims.scope).split(" ").includes("openid")) {
    return challenge(401, "invalid_token", "Access token does not contain openid scope");
  }
  return json(200, { ...attributesOf(user), username: user.username });
}

async function readAccessToken(
  pool: UserPool,
  token: string,
  clock: EmulatorClock,
): Promise<JWTPayload | undefined> {
  const keys = createLocalJWKSet({ keys: [pool.keys.access.publicJwk] });
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: pool.issuer,
      algorithms: ["RS256"],
      currentDate: new Date(clock.now()),
    });
    const live = !pool.refreshTokens.isRevoked(String(payload.origin_jti));
    return live && payload.token_use === "access" ? payload : undefined;
  } catch (cause) {
    if (cause instanceof errors.JOSEError) return undefined;
    throw cause;
  }
}

function challenge(status: number, error: string, description: string): Reply {
  const value = `error="${error}", error_description="${description}"`;
  return json(
    status,
    { error, error_description: description },
    { "www-authenticate": `Bearer ${value}` },
  );
}
