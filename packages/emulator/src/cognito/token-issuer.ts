import { createHash, randomUUID } from "node:crypto";
import { type JWTPayload, SignJWT } from "jose";
import type { EmulatorClock } from "../clock.ts";
import type { ClientTemplate } from "../template.ts";
import type { Grant } from "./grant.ts";
import {
  askPreTokenGeneration,
  type PreTokenGenerationTrigger,
  type TokenOverride,
  type TokenOverrides,
  type TriggerSource,
} from "./pre-token-generation.ts";
import type { SigningKey, SigningKeys } from "./signing-keys.ts";
import { attributesOf, type User } from "./user-directory.ts";

const DEFAULT_TOKEN_SECONDS = 60 * 60;

/** Claims that a trigger cannot touch. */
const RESERVED = new Set(
  "acr amr at_hash auth_time azp client_id event_id exp iat iss jti nbf nonce origin_jti scope sub token_use username version"
    .split(" ")
    .concat("cognito:groups", "cognito:username", "cognito:roles", "cognito:preferred_role"),
);

interface TokenResponse {
  readonly id_token?: string;
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly expires_in: number;
  readonly token_type: "Bearer";
}

interface UserTokenRequest {
  readonly client: ClientTemplate;
  readonly user: User;
  readonly grant: Grant;
  readonly source: TriggerSource;
  readonly nonce?: string | undefined;
}

/** Makes access and identity tokens with the claims real ones carry. */
export class TokenIssuer {
  readonly #keys: SigningKeys;
  readonly #issuer: string;
  readonly #clock: EmulatorClock;
  readonly #trigger: PreTokenGenerationTrigger | undefined;

  constructor(parts: {
    keys: SigningKeys;
    issuer: string;
    clock: EmulatorClock;
    trigger: PreTokenGenerationTrigger | undefined;
  }) {
    this.#keys = parts.keys;
    this.#issuer = parts.issuer;
    this.#clock = parts.clock;
    this.#trigger = parts.trigger;
  }

  /** Tokens of a signed-in user; an identity token only with the `openid` scope. Throws `PreTokenGenerationError`. */
  async forUser(request: UserTokenRequest): Promise<TokenResponse> {
    const { client, grant } = request;
    const seconds = client.accessTokenSeconds ?? DEFAULT_TOKEN_SECONDS;
    const overrides =
      this.#trigger === undefined ? {} : await askPreTokenGeneration(this.#trigger, request);
    const eventId = randomUUID();
    const access = await this.#sign(
      this.#keys.access,
      accessClaims(request, overrides, eventId),
      seconds,
    );
    const response = { access_token: access, expires_in: seconds, token_type: "Bearer" } as const;
    if (!grant.scopes.includes("openid")) return response;
    const claims = identityClaims(request, overrides, { eventId, accessToken: access });
    return { id_token: await this.#sign(this.#keys.id, claims, seconds), ...response };
  }

  /** The access token of a client of its own (`client_credentials`). */
  async forClient(client: ClientTemplate, scopes: readonly string[]): Promise<TokenResponse> {
    const seconds = client.accessTokenSeconds ?? DEFAULT_TOKEN_SECONDS;
    const claims = {
      sub: client.clientId,
      token_use: "access",
      scope: scopes.join(" "),
      auth_time: Math.floor(this.#clock.now() / 1_000),
      version: 2,
      client_id: client.clientId,
    };
    const access_token = await this.#sign(this.#keys.access, claims, seconds);
    return { access_token, expires_in: seconds, token_type: "Bearer" };
  }

  #sign(key: SigningKey, claims: JWTPayload, seconds: number): Promise<string> {
    const now = Math.floor(this.#clock.now() / 1_000);
    return new SignJWT({
      ...claims,
      iss: this.#issuer,
      exp: now + seconds,
      iat: now,
      jti: randomUUID(),
    })
      .setProtectedHeader({ kid: key.kid, alg: "RS256" })
      .sign(key.privateKey);
  }
}

function accessClaims(
  { user, grant }: UserTokenRequest,
  overrides: TokenOverrides,
  eventId: string,
): JWTPayload {
  const override = overrides.accessTokenGeneration;
  const suppressed = new Set(override?.scopesToSuppress);
  const scopes = [...grant.scopes, ...(override?.scopesToAdd ?? [])];
  return applied(override, {
    sub: user.sub,
    ...groupClaim(user, overrides),
    version: 2,
    client_id: grant.clientId,
    origin_jti: grant.originJti,
    event_id: eventId,
    token_use: "access",
    scope: scopes.filter((scope) => !suppressed.has(scope)).join(" "),
    auth_time: grant.authTime,
    username: user.username,
    ...(grant.resource === undefined ? {} : { aud: grant.resource }),
  });
}

function identityClaims(
  { user, grant, nonce }: UserTokenRequest,
  overrides: TokenOverrides,
  { eventId, accessToken }: { eventId: string; accessToken: string },
): JWTPayload {
  const half = createHash("sha256").update(accessToken).digest().subarray(0, 16);
  return applied(overrides.idTokenGeneration, {
    at_hash: half.toString("base64url"),
    ...attributesOf(user),
    email_verified: true,
    ...groupClaim(user, overrides),
    "cognito:username": user.username,
    ...(nonce === undefined ? {} : { nonce }),
    origin_jti: grant.originJti,
    aud: grant.clientId,
    event_id: eventId,
    token_use: "id",
    auth_time: grant.authTime,
  });
}

/** Real tokens of a user without groups have no `cognito:groups` at all. */
function groupClaim(user: User, overrides: TokenOverrides): JWTPayload {
  const groups = overrides.groupOverrideDetails?.groupsToOverride ?? user.groups;
  return groups.length === 0 ? {} : { "cognito:groups": groups };
}

function applied(override: TokenOverride | null | undefined, claims: JWTPayload): JWTPayload {
  const added = Object.entries(override?.claimsToAddOrOverride ?? {});
  const suppressed = new Set(override?.claimsToSuppress);
  const kept = Object.entries(claims).filter(
    ([name]) => RESERVED.has(name) || !suppressed.has(name),
  );
  return Object.fromEntries([...kept, ...added.filter(([name]) => !RESERVED.has(name))]);
}
