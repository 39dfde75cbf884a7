import { SignIn, type SignInPorts, type Step } from "../authorize/sign-in.ts";
import { toResponse } from "../page/layout.ts";
import { accountPage, consentPage, refusalPage, waitPage } from "../page/pages.ts";
import type { FamilyStore } from "../token/family.ts";
import { RefreshGrant } from "../token/refresh-grant.ts";
import { isUnavailable } from "../upstream/unavailable.ts";
import { browserCookie } from "./browser-cookie.ts";
import { readForm } from "./form.ts";
import { json, preflight } from "./json.ts";
import { type ServerMetadata, toMetadata } from "./metadata.ts";
import { answerRegistration, type RegistrationEndpoint } from "./registration-endpoint.ts";
import { answerRevocation, answerToken, type TokenEndpoint } from "./token-endpoint.ts";

export interface AuthServerPorts extends SignInPorts, RegistrationEndpoint {
  readonly families: FamilyStore;
  readonly metadata: ServerMetadata;
}

/** `address`: where a request comes from. */
type Route = (request: Request, url: URL, address: string) => Promise<Response>;

/** The authorization server: `Request -> Response`, below the issuer's URL. */
export class AuthServer {
  readonly #ports: AuthServerPorts;
  readonly #signIn: SignIn;
  readonly #tokens: TokenEndpoint;
  readonly #base: string;
  readonly #routes: Readonly<Record<string, Route>> = {
    "GET /.well-known/oauth-authorization-server": () => this.#document(),
    "GET /.well-known/openid-configuration": () => this.#document(),
    "GET /oauth/authorize": (request, url) =>
      this.#step(request, (browser) => this.#signIn.begin(url.searchParams, browser)),
    "POST /oauth/consent": (request) => this.#form(request, (form) => this.#signIn.decide(...form)),
    "GET /oauth/callback": (request, url) =>
      this.#step(request, (browser) => this.#signIn.comeBack(url.searchParams, browser)),
    "POST /oauth/continue": (request) =>
      this.#form(request, (form) => this.#signIn.confirm(...form)),
    "POST /oauth/token": (request) => answerToken(request, this.#tokens),
    "POST /oauth/revoke": (request) => answerRevocation(request, this.#tokens),
    "POST /oauth/register": (request, _, address) =>
      answerRegistration(request, address, this.#ports),
  };

  constructor(ports: AuthServerPorts) {
    this.#ports = ports;
    this.#signIn = new SignIn(ports);
    const { clients, codes } = ports;
    this.#tokens = { clients, codes, refreshes: new RefreshGrant(ports) };
    this.#base = new URL(ports.issuer).pathname.replace(/\/$/, "");
  }

  async handle(request: Request, address: string): Promise<Response> {
    const url = new URL(request.url);
    const path = url.pathname.startsWith(`${this.#base}/`)
      ? url.pathname.slice(this.#base.length)
      : "";
    const route = this.#routes[`${request.method} ${path}`];
    if (route) return route(request, url, address);
    if (request.method === "OPTIONS") return preflight();
    return json(404, { error: "not_found", message: "There is no such address." });
  }

  async #document(): Promise<Response> {
    return json(200, toMetadata(this.#ports.metadata), { "cache-control": "public, max-age=300" });
  }

  async #form(
    request: Request,
    act: (form: readonly [field: string, allow: boolean, browser: string]) => Promise<Step>,
  ): Promise<Response> {
    // Browsers name the page that a form was on; another site's form was not shown by us.
    const origin = request.headers.get("origin");
    const form = await readForm(request);
    if (typeof form === "string" || (origin !== null && origin !== this.#origin)) {
      return toResponse(refusalPage("This form did not come from one of our pages."));
    }
    const allow = form.get("decision") === "allow";
    return this.#step(request, (browser) => act([form.get("form") ?? "", allow, browser]));
  }

  async #step(request: Request, act: (browser: string) => Promise<Step>): Promise<Response> {
    const cookie = browserCookie(request, this.#ports.issuer.startsWith("https:"));
    try {
      const response = await this.#show(await act(cookie.value));
      response.headers.append("set-cookie", cookie.header);
      return response;
    } catch (cause) {
      if (!isUnavailable(cause)) throw cause;
      this.#ports.report(cause);
      return toResponse(waitPage());
    }
  }

  async #show(step: Step): Promise<Response> {
    switch (step.kind) {
      case "redirect":
        // 303: a form's answer is fetched with GET.
        return new Response(null, {
          status: 303,
          headers: { location: step.location, "cache-control": "no-store" },
        });
      case "refused":
        return toResponse(refusalPage(step.message));
      case "consent": {
        const signInPage = await this.#ports.upstream.origin();
        const formTargets = [signInPage, originOf(step.request.redirectUri)];
        const action = `${this.#ports.issuer}/oauth/consent`;
        return toResponse(consentPage({ ...step, action, formTargets }));
      }
      case "account": {
        const formTargets = [originOf(step.request.redirectUri)];
        const action = `${this.#ports.issuer}/oauth/continue`;
        return toResponse(accountPage({ ...step, action, formTargets }, step.name));
      }
    }
  }

  get #origin(): string {
    return originOf(this.#ports.issuer);
  }
}

function originOf(url: string): string {
  return new URL(url).origin;
}
