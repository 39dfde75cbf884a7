import { createHash } from "node:crypto";
import type { ClientTemplate } from "../template.ts";
import type { CodeGrant } from "./authorization-codes.ts";
import { authenticateClient } from "./client-authentication.ts";
import { type PoolRequest, readForm } from "./pool-request.ts";
import { PreTokenGenerationError } from "./pre-token-generation.ts";
import { json, oauthError, type Reply } from "./reply.ts";
import { clientScopes } from "./scope-policy.ts";
import { customScopes, type UserPool } from "./user-pool.ts";

/** Cognito's default refresh token lives 30 days. */
const DEFAULT_REFRESH_SECONDS = 30 * 24 * 60 * 60;

interface TokenRequest {
  readonly pool: UserPool;
  readonly client: ClientTemplate;
  readonly form: URLSearchParams;
}

/**
 * `POST /oauth2/token`. Errors: 400 with `invalid_request`, `invalid_client`, `invalid_grant`,
 * `unauthorized_client`, `unsupported_grant_type`, `invalid_scope`.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
 */
export async function tokenEndpoint(pool: UserPool, request: PoolRequest): Promise<Reply> {
  const form = readForm(request);
  if (form === undefined) return oauthError("invalid_request");
  const client = authenticateClient(pool, request, form);
  if (client === undefined) return oauthError("invalid_client");
  try {
    return await answer({ pool, client, form });
  } catch (cause) {
    if (cause instanceof PreTokenGenerationError) return oauthError("invalid_grant", cause.message);
    throw cause;
  }
}

async function answer(request: TokenRequest): Promise<Reply> {
  switch (request.form.get("grant_type")) {
    case "authorization_code":
      return exchangeCode(request);
    case "refresh_token":
      return refresh(request);
    case "client_credentials":
      return clientCredentials(request);
    case null:
      return oauthError("invalid_request");
    default:
      return oauthError("unsupported_grant_type");
  }
}

async function exchangeCode({ pool, client, form }: TokenRequest): Promise<Reply> {
  if (!client.flows.includes("code")) return oauthError("unauthorized_client");
  const code = form.get("code");
  if (code === null || !form.has("redirect_uri")) return oauthError("invalid_request");
  const held = pool.codes.take(code);
  if (held === undefined || !codeBelongs(held, client, form)) return oauthError("invalid_grant");
  const { grant, nonce } = held;
  const user = pool.users.find(grant.username);
  if (user === undefined) return oauthError("invalid_grant");
  const source = "TokenGeneration_HostedAuth";
  const tokens = await pool.tokens.forUser({ client, user, grant, source, nonce });
  const seconds = client.refreshTokenSeconds ?? DEFAULT_REFRESH_SECONDS;
  return json(200, { ...tokens, refresh_token: pool.refreshTokens.issue(grant, seconds) });
}

function codeBelongs(held: CodeGrant, client: ClientTemplate, form: URLSearchParams): boolean {
  return (
    held.grant.clientId === client.clientId &&
    held.redirectUri === form.get("redirect_uri") &&
    verifierMatches(held.challenge, form.get("code_verifier"))
  );
}

/** RFC 7636 section 4.6; a verifier without a challenge is refused too (a downgrade, RFC 9700 section 2.1.1). */
function verifierMatches(challenge: string | undefined, verifier: string | null): boolean {
  if (challenge === undefined || verifier === null) {
    return challenge === undefined && verifier === null;
  }
  return createHash("sha256").update(verifier).digest("base64url") === challenge;
}

async function refresh({ pool, client, form }: TokenRequest): Promise<Reply> {
  const token = form.get("refresh_token");
  if (token === null) return oauthError("invalid_request");
  const grant = pool.refreshTokens.find(token, client.clientId);
  const user = grant === undefined ? undefined : pool.users.find(grant.username);
  if (grant === undefined || user === undefined) return oauthError("invalid_grant");
  const source = "TokenGeneration_RefreshTokens";
  const tokens = await pool.tokens.forUser({ client, user, grant, source });
  const rotation = client.refreshTokenRotation;
  if (rotation === undefined) return json(200, tokens);
  const refresh_token = pool.refreshTokens.rotate(token, grant, rotation.graceSeconds);
  if (refresh_token === undefined) return oauthError("invalid_grant");
  return json(200, { ...tokens, refresh_token });
}

async function clientCredentials({ pool, client, form }: TokenRequest): Promise<Reply> {
  if (client.secret === undefined || !client.flows.includes("client_credentials")) {
    return oauthError("unauthorized_client");
  }
  const asked = form.get("scope");
  const scopes = clientScopes({ asked, allowed: client.scopes, custom: customScopes(pool) });
  if (scopes === undefined) return oauthError("invalid_scope");
  return json(200, await pool.tokens.forClient(client, scopes));
}
