/** What a user's sign-in gave a client; every token of it comes from here. */
export interface Grant {
  readonly clientId: string;
  readonly username: string;
  readonly scopes: readonly string[];
  /** RFC 8707: becomes the access token's `aud`. */
  readonly resource?: string;
  /** Names the sign-in in all its tokens (`origin_jti`); revocation works on it. */
  readonly originJti: string;
  /** When the user gave the password, epoch seconds. */
  readonly authTime: number;
}
