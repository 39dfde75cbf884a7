/** RFC 6749 section 5.2, with `invalid_target` of RFC 8707 and `temporarily_unavailable` for what may be tried again. */
export type TokenErrorCode =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "invalid_scope"
  | "invalid_target"
  | "unsupported_grant_type"
  | "temporarily_unavailable";

export interface TokenRefusal {
  readonly kind: "refused";
  readonly error: TokenErrorCode;
  /** For the developer of a client: what would work. */
  readonly description: string;
}

/** RFC 6749 section 5.1. */
export interface IssuedTokens {
  readonly kind: "issued";
  readonly accessToken: string;
  /** Seconds from now. */
  readonly expiresIn: number;
  readonly refreshToken: string;
  readonly scopes: readonly string[];
}

export type TokenAnswer = IssuedTokens | TokenRefusal;

export function refuse(error: TokenErrorCode, description: string): TokenRefusal {
  return { kind: "refused", error, description };
}
