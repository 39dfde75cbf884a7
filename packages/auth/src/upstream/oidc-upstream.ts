import { parseScopes, toOAuthScope, UnavailableError } from "@zenode/core";
import * as oauth from "oauth4webapi";
import { digest } from "../token/digest.ts";
import type { Upstream, UpstreamAccount, UpstreamTokens, UpstreamTrip } from "./upstream.ts";

export interface OidcUpstreamOptions {
  /** The user pool: its OpenID configuration says the rest. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Ours, exactly as the app client has it. */
  readonly callback: string;
  /** For the local stand-in: http is let in. */
  readonly insecure?: boolean;
}

/** Of each request: a sign-in waits for it. */
const TIMEOUT_MS = 10_000;
/** With these Cognito says who signed in. */
const IDENTITY_SCOPES = ["openid", "email"];

/** Cognito as an OpenID provider, by its discovery document. */
export class OidcUpstream implements Upstream {
  readonly #options: OidcUpstreamOptions;
  readonly #client: oauth.Client;
  readonly #authentication: oauth.ClientAuth;
  #server: Promise<oauth.AuthorizationServer> | undefined;

  constructor(options: OidcUpstreamOptions) {
    this.#options = options;
    this.#client = { client_id: options.clientId };
    this.#authentication = oauth.ClientSecretBasic(options.clientSecret);
  }

  async authorizeUrl({ state, verifier, scopes, resource }: UpstreamTrip): Promise<string> {
    const url = await this.#signInPage();
    url.search = new URLSearchParams({
      response_type: "code",
      client_id: this.#options.clientId,
      redirect_uri: this.#options.callback,
      scope: [...IDENTITY_SCOPES, ...scopes].join(" "),
      state,
      nonce: await nonceOf(verifier),
      resource,
      code_challenge: await digest(verifier),
      code_challenge_method: "S256",
    }).toString();
    return url.href;
  }

  async origin(): Promise<string> {
    return (await this.#signInPage()).origin;
  }

  async redeem(
    query: URLSearchParams,
    { state, verifier }: Pick<UpstreamTrip, "state" | "verifier">,
  ): ReturnType<Upstream["redeem"]> {
    const server = await this.#discover();
    try {
      const callback = oauth.validateAuthResponse(server, this.#client, query, state);
      const answer = await oauth.authorizationCodeGrantRequest(
        server,
        this.#client,
        this.#authentication,
        callback,
        this.#options.callback,
        verifier,
        this.#request(),
      );
      const expectedNonce = await nonceOf(verifier);
      const options = { expectedNonce, requireIdToken: true };
      const client = this.#client;
      const result = await oauth.processAuthorizationCodeResponse(server, client, answer, options);
      return { kind: "account", account: toAccount(result) };
    } catch (cause) {
      const reason = reasonOf(cause);
      if (reason === undefined) throw unavailable(cause);
      return { kind: "refused", reason };
    }
  }

  async refresh(refreshToken: string): Promise<UpstreamTokens | undefined> {
    const [server, client] = [await this.#discover(), this.#client];
    try {
      const answer = await oauth.refreshTokenGrantRequest(
        server,
        client,
        this.#authentication,
        refreshToken,
        this.#request(),
      );
      return toTokens(await oauth.processRefreshTokenResponse(server, client, answer));
    } catch (cause) {
      if (reasonOf(cause) === "invalid_grant") return undefined;
      throw unavailable(cause);
    }
  }

  async revoke(refreshToken: string): Promise<void> {
    const [server, client] = [await this.#discover(), this.#client];
    try {
      await oauth.processRevocationResponse(
        await oauth.revocationRequest(
          server,
          client,
          this.#authentication,
          refreshToken,
          this.#request(),
        ),
      );
    } catch (cause) {
      throw unavailable(cause);
    }
  }

  async #signInPage(): Promise<URL> {
    const { authorization_endpoint: endpoint } = await this.#discover();
    if (endpoint !== undefined) return new URL(endpoint);
    throw new UnavailableError("The user pool has no sign-in page.");
  }

  /** One that failed is asked for again. */
  #discover(): Promise<oauth.AuthorizationServer> {
    this.#server ??= this.#fetchConfiguration().catch((cause: unknown) => {
      this.#server = undefined;
      throw unavailable(cause);
    });
    return this.#server;
  }

  async #fetchConfiguration(): Promise<oauth.AuthorizationServer> {
    const issuer = new URL(this.#options.issuer);
    const answer = await oauth.discoveryRequest(issuer, this.#request());
    return oauth.processDiscoveryResponse(issuer, answer);
  }

  #request() {
    return {
      [oauth.allowInsecureRequests]: this.#options.insecure === true,
      signal: () => AbortSignal.timeout(TIMEOUT_MS),
    };
  }
}

/** Follows from the verifier, so that nothing more has to be kept. */
function nonceOf(verifier: string): Promise<string> {
  return digest(`nonce ${verifier}`);
}

function toAccount(result: oauth.TokenEndpointResponse): UpstreamAccount {
  const claims = oauth.getValidatedIdTokenClaims(result);
  const refreshToken = result.refresh_token;
  if (!claims || refreshToken === undefined) {
    throw new UnavailableError("The user pool's app client gives no identity or refresh tokens.");
  }
  const { email, "cognito:username": username } = claims;
  const name = [email, username].find((text) => typeof text === "string") ?? claims.sub;
  return { subject: claims.sub, name: String(name), tokens: { ...toTokens(result), refreshToken } };
}

function toTokens(result: oauth.TokenEndpointResponse): UpstreamTokens {
  return {
    accessToken: result.access_token,
    expiresIn: result.expires_in ?? 0,
    ...(result.refresh_token !== undefined && { refreshToken: result.refresh_token }),
    scopes: scopesOf(result),
  };
}

/** Cognito's answer names no scopes; its token does, which it has just given us itself. */
function scopesOf({ scope, access_token: token }: oauth.TokenEndpointResponse): readonly string[] {
  const claimed = scope ?? scopeClaim(token);
  return [...parseScopes(claimed)].map(toOAuthScope);
}

function scopeClaim(token: string): string {
  const [, payload = ""] = token.split(".");
  const claims: unknown = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
  const isClaim = typeof claims === "object" && claims !== null && "scope" in claims;
  return isClaim && typeof claims.scope === "string" ? claims.scope : "";
}

/** Undefined: it was no refusal of a user or a grant. Whatever else Cognito's token endpoint says is about us. */
function reasonOf(cause: unknown): string | undefined {
  if (cause instanceof oauth.AuthorizationResponseError) return cause.error;
  const isGrant = cause instanceof oauth.ResponseBodyError && cause.error === "invalid_grant";
  return isGrant ? cause.error : undefined;
}

function unavailable(cause: unknown): UnavailableError {
  if (cause instanceof UnavailableError) return cause;
  return new UnavailableError("The sign-in service does not answer as it should.", { cause });
}
