import { createHash, randomBytes } from "node:crypto";
import { PASSWORD } from "../emulator/cognito-fixture.ts";
import { REDIRECT, RESOURCE } from "./auth-server-fixture.ts";

export type Fields = Readonly<Record<string, string>>;

/** Where a browser is: a page it shows, or a redirect that leaves the servers it knows. */
export interface Place {
  readonly url: URL;
  readonly status: number;
  readonly html: string;
  readonly headers: Headers;
}

/** A browser as far as cookies, redirects and forms go; it stops where nobody of ours answers. */
export class AuthBrowser {
  readonly #issuer: string;
  readonly #known: ReadonlySet<string>;
  readonly #jars = new Map<string, Map<string, string>>();

  constructor(issuer: string, cognito: string) {
    this.#issuer = issuer;
    this.#known = new Set([issuer, cognito].map((url) => new URL(url).origin));
  }

  async open(url: URL | string, init: RequestInit = {}): Promise<Place> {
    const at = new URL(url, this.#issuer);
    if (!this.#known.has(at.origin))
      return { url: at, status: 0, html: "", headers: new Headers() };
    const jar = this.#jars.get(at.origin) ?? new Map<string, string>();
    this.#jars.set(at.origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...Object.fromEntries(new Headers(init.headers)), cookie };
    const response = await fetch(at, { ...init, headers, redirect: "manual" });
    for (const set of response.headers.getSetCookie()) {
      const [name = "", value = ""] = set.split(";")[0]?.split("=") ?? [];
      jar.set(name, value);
    }
    const location = response.headers.get("location");
    if (location !== null) return this.open(new URL(location, at));
    const { status } = response;
    return { url: at, status, html: await response.text(), headers: response.headers };
  }

  /** Sends the form of the page, as its button would. */
  submit({ url, html }: Place, fields: Fields, headers: Fields = {}): Promise<Place> {
    const action = /<form[^>]* action="([^"]*)"/.exec(html)?.[1] ?? url.href;
    const hidden = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
    const body = new URLSearchParams();
    for (const [, name = "", value = ""] of hidden) body.set(name, value);
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    const target = new URL(action, url);
    return this.open(target, {
      method: "POST",
      body,
      headers: { origin: target.origin, ...headers },
    });
  }

  /** Cognito's form, when it is shown. */
  async signIn(place: Place, username = "alice"): Promise<Place> {
    if (!place.html.includes('name="password"')) return place;
    return this.submit(place, { username, password: PASSWORD });
  }

  /** Says yes to everything, to where the client gets its code. */
  async goThrough(query: URLSearchParams): Promise<Place> {
    const consent = await this.open(`/oauth/authorize?${query}`);
    const account = await this.signIn(await this.submit(consent, { decision: "allow" }));
    return this.submit(account, { decision: "allow" });
  }

  /** So that a test can give it to somebody else. */
  cookies(): string {
    const jar = this.#jars.get(new URL(this.#issuer).origin) ?? new Map<string, string>();
    return [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
  }
}

export const VERIFIER = randomBytes(32).toString("base64url");

/** A good request of the desk client, with changes; "" takes one away. */
export function authorizeQuery(changes: Fields = {}): URLSearchParams {
  const all = {
    client_id: "client_desk",
    redirect_uri: REDIRECT,
    response_type: "code",
    scope: "zenode/read zenode/write",
    state: "client state & more",
    resource: RESOURCE,
    code_challenge: createHash("sha256").update(VERIFIER).digest("base64url"),
    code_challenge_method: "S256",
    ...changes,
  };
  return new URLSearchParams(Object.entries(all).filter(([, value]) => value !== ""));
}

export interface TokenReply {
  readonly status: number;
  readonly body: Readonly<Record<string, string | number>>;
}

export async function askForTokens(issuer: string, fields: Fields): Promise<TokenReply> {
  const body = new URLSearchParams({ client_id: "client_desk", ...fields });
  const response = await fetch(`${issuer}/oauth/token`, { method: "POST", body });
  return { status: response.status, body: (await response.json()) as TokenReply["body"] };
}

export function redeem(issuer: string, place: Place, changes: Fields = {}): Promise<TokenReply> {
  return askForTokens(issuer, {
    grant_type: "authorization_code",
    code: place.url.searchParams.get("code") ?? "",
    redirect_uri: REDIRECT,
    code_verifier: VERIFIER,
    ...changes,
  });
}
