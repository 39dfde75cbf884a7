import { type Clock, MINUTE, newId } from "@zenode/core";
import { randomText } from "../token/base64url.ts";
import type { CodeGrant } from "../token/code-grant.ts";
import { digest } from "../token/digest.ts";
import type { ServerKeys } from "../token/server-keys.ts";
import { isUnavailable } from "../upstream/unavailable.ts";
import type { Upstream, UpstreamAccount } from "../upstream/upstream.ts";
import { openAccount, sealAccount } from "./account-form.ts";
import {
  type AuthorizationErrorCode,
  type AuthorizationRequest,
  type AuthorizationRules,
  checkAuthorizationRequest,
  returnTo,
} from "./authorization-request.ts";
import type { AwayStore } from "./away-store.ts";
import { openForm, signForm } from "./consent-form.ts";

export interface SignInPorts extends AuthorizationRules {
  readonly away: AwayStore;
  readonly upstream: Upstream;
  readonly codes: CodeGrant;
  readonly keys: ServerKeys;
  readonly clock: Clock;
  /** RFC 8414's: who clients are told by. */
  readonly issuer: string;
  /** Told of what does not answer, or not as it should: users are told to try again. */
  readonly report: (cause: unknown) => void;
  /** A user has signed in with a client, which is kept for it. */
  readonly noteUse: (clientId: string) => Promise<void>;
}

/** What a browser sees next. */
export type Step =
  | { readonly kind: "consent"; readonly request: AuthorizationRequest; readonly field: string }
  | {
      readonly kind: "account";
      readonly request: AuthorizationRequest;
      readonly name: string;
      readonly field: string;
    }
  | { readonly kind: "redirect"; readonly location: string }
  /** Nobody may be redirected: the user is told, and starts again in the application. */
  | { readonly kind: "refused"; readonly message: string };

/** How long a user may look at a page, or be at Cognito's sign-in. */
const AWAY_MS = 10 * MINUTE;
const STALE =
  "This page is too old, or was opened in another browser. Start again in the application.";

/** One sign-in, from the client's request to its code. `browser` is the cookie of the browser: 256 random bits. */
export class SignIn {
  readonly #ports: SignInPorts;

  constructor(ports: SignInPorts) {
    this.#ports = ports;
  }

  /** `GET /oauth/authorize`: nothing is kept, and Cognito is not asked, before the user has said yes. */
  async begin(query: URLSearchParams, browser: string): Promise<Step> {
    const checked = await checkAuthorizationRequest(query, this.#ports);
    switch (checked.kind) {
      case "refused":
        return checked;
      case "returned":
        return this.#return(checked.to, checked.error, checked.description);
      case "request": {
        const { keys, clock } = this.#ports;
        const shown = { browser: await digest(browser), query: query.toString() };
        const form = { purpose: "consent", ...shown, expiresAt: clock.now() + AWAY_MS } as const;
        return { ...checked, kind: "consent", field: await signForm(form, keys) };
      }
    }
  }

  /** The consent page's form: what was asked is checked again, as if it had come now. */
  async decide(field: string, allow: boolean, browser: string): Promise<Step> {
    const { keys, clock, away, upstream } = this.#ports;
    const [hash, now] = [await digest(browser), clock.now()];
    const form = await openForm(field, { browser: hash, now, keys });
    if (!form) return { kind: "refused", message: STALE };
    const checked = await checkAuthorizationRequest(new URLSearchParams(form.query), this.#ports);
    if (checked.kind === "refused") return checked;
    if (checked.kind === "returned") {
      return this.#return(checked.to, checked.error, checked.description);
    }
    const { request } = checked;
    if (!allow) return this.#return(request, "access_denied", "The user said no.");
    const state = randomText();
    const expiresAt = now + AWAY_MS;
    await away.add({ hash: await digest(state), browser: hash, request, expiresAt });
    const { scopes, resource } = request;
    const verifier = await verifierOf(state, browser);
    const location = await upstream.authorizeUrl({ state, verifier, scopes, resource });
    return { kind: "redirect", location };
  }

  /** `GET /oauth/callback`: back from Cognito. */
  async comeBack(query: URLSearchParams, browser: string): Promise<Step> {
    const state = query.get("state") ?? "";
    const request = await this.#take(state, browser);
    if (!request) return { kind: "refused", message: STALE };
    try {
      const trip = { state, verifier: await verifierOf(state, browser) };
      const answer = await this.#ports.upstream.redeem(query, trip);
      if (answer.kind === "account")
        return await this.#nameAccount(request, answer.account, browser);
      const said = `The sign-in was refused: ${answer.reason}.`;
      return this.#return(request, "access_denied", said);
    } catch (cause) {
      if (!isUnavailable(cause)) throw cause;
      this.#ports.report(cause);
      return this.#return(request, "temporarily_unavailable", cause.message);
    }
  }

  /** The account page's form: the client gets its code. */
  async confirm(field: string, allow: boolean, browser: string): Promise<Step> {
    const { keys, codes, issuer } = this.#ports;
    const opened = await openAccount(field, browser, keys);
    const request = opened && (await this.#take(opened.id, browser));
    if (!request) return { kind: "refused", message: STALE };
    const { subject, tokens } = opened.account;
    if (!allow) {
      // Where that can't be done now, nobody has these tokens.
      await this.#ports.upstream.revoke(tokens.refreshToken).catch(unlessUnavailable);
      return this.#return(request, "access_denied", "The user said no.");
    }
    const { client, redirectUri, challenge, resource } = request;
    await this.#ports.noteUse(client.id);
    const code = await codes.issue({
      ...{ clientId: client.id, redirectUri, challenge, resource, scopes: tokens.scopes },
      ...{ subject, family: newId("grant"), tokens },
    });
    return { kind: "redirect", location: returnTo(request, { code }, issuer) };
  }

  async #nameAccount(
    request: AuthorizationRequest,
    account: UpstreamAccount,
    browser: string,
  ): Promise<Step> {
    const { away, keys, clock } = this.#ports;
    const id = randomText();
    const expiresAt = clock.now() + AWAY_MS;
    await away.add({ hash: await digest(id), browser: await digest(browser), request, expiresAt });
    const field = await sealAccount({ id, account }, browser, keys.newest);
    return { kind: "account", request, name: account.name, field };
  }

  async #take(value: string, browser: string): Promise<AuthorizationRequest | undefined> {
    const by = {
      ...{ browser: await digest(browser), attempt: randomText(16) },
      now: this.#ports.clock.now(),
    };
    return (await this.#ports.away.take(await digest(value), by))?.request;
  }

  #return(
    to: Pick<AuthorizationRequest, "redirectUri" | "state">,
    error: AuthorizationErrorCode,
    description: string,
  ): Step {
    const answer = { error, error_description: description };
    return { kind: "redirect", location: returnTo(to, answer, this.#ports.issuer) };
  }
}

function unlessUnavailable(cause: unknown): void {
  if (!isUnavailable(cause)) throw cause;
}

/** PKCE's verifier for Cognito: of this trip, and unknown to whoever sees the URL alone. */
function verifierOf(state: string, browser: string): Promise<string> {
  return digest(`${browser}.${state}`);
}
