/** What Cognito gave for one sign-in. */
export interface UpstreamTokens {
  /** Cognito's, with our resource as its audience: this one clients get. */
  readonly accessToken: string;
  /** Seconds from now. */
  readonly expiresIn: number;
  /** Absent after a refresh: the one that was used goes on. */
  readonly refreshToken?: string;
  /** Ours as granted: `zenode/read`. */
  readonly scopes: readonly string[];
}

/** Who signed in. */
export interface UpstreamAccount {
  readonly subject: string;
  /** For people: an e-mail address or a user name. */
  readonly name: string;
  readonly tokens: UpstreamTokens & { readonly refreshToken: string };
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

/** What one trip to Cognito's sign-in is bound to. */
export interface UpstreamTrip {
  /** Comes back in the URL. */
  readonly state: string;
  /** PKCE's verifier: stays in the browser's cookie. */
  readonly verifier: string;
  readonly scopes: readonly string[];
  readonly resource: string;
}

/** Cognito, where users sign in. */
export interface Upstream extends UpstreamTokenSource {
  /** Of its sign-in page. @throws UnavailableError */
  origin(): Promise<string>;
  /** Where the browser is sent. */
  authorizeUrl(trip: UpstreamTrip): Promise<string>;
  /**
   * Who came back, by the callback's query. `refused`: the user or Cognito said no, with the reason it gave.
   * @throws UnavailableError
   */
  redeem(
    query: URLSearchParams,
    trip: Pick<UpstreamTrip, "state" | "verifier">,
  ): Promise<
    | { readonly kind: "account"; readonly account: UpstreamAccount }
    | { readonly kind: "refused"; readonly reason: string }
  >;
}
