import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import type { EmulatorClock } from "../clock.ts";

export type Authorization =
  | { readonly kind: "allowed"; readonly claims: JWTPayload }
  /** No token, or one that is not this pool's: gateway response UNAUTHORIZED. */
  | { readonly kind: "unauthorized"; readonly message: string }
  /** A good token without any of the scopes: gateway response ACCESS_DENIED. */
  | { readonly kind: "denied" }
  /** The pool's keys could not be had: gateway response AUTHORIZER_CONFIGURATION_ERROR. */
  | { readonly kind: "unavailable" };

interface AuthorizerParts {
  readonly issuer: string;
  readonly jwksUrl: string;
  /** How long a verified token is believed without looking again; 0 to 3600. */
  readonly ttlSeconds: number;
  readonly clock: EmulatorClock;
}

const UNAUTHORIZED = { kind: "unauthorized", message: "Unauthorized" } as const;

/**
 * The `COGNITO_USER_POOLS` authorizer. Authentication that fails is UNAUTHORIZED, authorization
 * that fails is ACCESS_DENIED, as the list of gateway response types words it.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
export class CognitoAuthorizer {
  readonly #parts: AuthorizerParts;
  readonly #keys: JWTVerifyGetKey;
  readonly #believed = new Map<string, { readonly claims: JWTPayload; readonly untilMs: number }>();

  constructor(parts: AuthorizerParts) {
    this.#parts = parts;
    this.#keys = createRemoteJWKSet(new URL(parts.jwksUrl));
  }

  /**
   * Checks an `Authorization` header, with or without `Bearer`. With scopes the token must be an
   * access token that has one of them; without, API Gateway takes it for an identity token.
   */
  async authorize(header: string | undefined, scopes: readonly string[]): Promise<Authorization> {
    const token = header?.replace(/^Bearer\s+/i, "").trim() ?? "";
    if (token === "") return UNAUTHORIZED;
    const claims = this.#recall(token) ?? (await this.#verify(token));
    if ("kind" in claims) return claims as Authorization;
    if (claims.token_use !== (scopes.length === 0 ? "id" : "access")) return UNAUTHORIZED;
    const granted = String(claims.scope ?? "").split(" ");
    const permitted = scopes.length === 0 || scopes.some((scope) => granted.includes(scope));
    return permitted ? { kind: "allowed", claims } : { kind: "denied" };
  }

  /** A cached answer outlives the token's own expiry, as on AWS. */
  #recall(token: string): JWTPayload | undefined {
    const entry = this.#believed.get(token);
    if (entry !== undefined && this.#parts.clock.now() < entry.untilMs) return entry.claims;
    this.#believed.delete(token);
    return undefined;
  }

  async #verify(token: string): Promise<JWTPayload | Authorization> {
    const { issuer, clock, ttlSeconds } = this.#parts;
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer,
        algorithms: ["RS256"],
        requiredClaims: ["exp", "token_use"],
        currentDate: new Date(clock.now()),
      });
      this.#believed.set(token, { claims: payload, untilMs: clock.now() + ttlSeconds * 1_000 });
      return payload;
    } catch (cause) {
      return refusal(cause);
    }
  }
}

function refusal(cause: unknown): Authorization {
  if (cause instanceof errors.JWTExpired) {
    return { kind: "unauthorized", message: "The incoming token has expired" };
  }
  const ofToken =
    cause instanceof errors.JWTInvalid ||
    cause instanceof errors.JWTClaimValidationFailed ||
    cause instanceof errors.JWSInvalid ||
    cause instanceof errors.JWSSignatureVerificationFailed ||
    cause instanceof errors.JWKSNoMatchingKey ||
    cause instanceof errors.JWKSMultipleMatchingKeys ||
    cause instanceof errors.JOSEAlgNotAllowed ||
    cause instanceof errors.JOSENotSupported;
  return ofToken ? UNAUTHORIZED : { kind: "unavailable" };
}
