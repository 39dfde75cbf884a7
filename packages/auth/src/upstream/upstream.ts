/** What Cognito gave for one sign-in. */
export interface UpstreamTokens {
  /** Cognito's, with our resource as its audience: this one clients get. */
  readonly accessToken: string;
  /** Seconds from now. */
  readonly expiresIn: number;
  /** Absent after a refresh: the one that was used goes on. */
  readonly refreshToken?: string;
  /** As granted, in tokens: `zenode/read`. */
  readonly scopes: readonly string[];
}

/** Cognito's token endpoint, as far as a refresh needs it. Both may be repeated. */
export interface UpstreamTokenSource {
  /**
   * Undefined: the sign-in has ended there (revoked, expired, the user is disabled).
   * @throws UnavailableError
   */
  refresh(refreshToken: string): Promise<UpstreamTokens | undefined>;
  /** Ends the sign-in there, too; one that has ended is no error. @throws UnavailableError */
  revoke(refreshToken: string): Promise<void>;
}
