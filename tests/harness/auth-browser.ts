export type Fields = Readonly<Record<string, string>>;

/** Where a browser is: a page it shows, or a redirect that leaves the servers it knows. */
export interface Place {
  readonly url: URL;
  readonly status: number;
  readonly html: string;
  readonly headers: Headers;
}

export interface LocalUser {
  readonly username: string;
  readonly password: string;
}

/** A browser as far as cookies, redirects and forms go; it stops where nobody of ours answers. */
export class AuthBrowser {
  readonly #issuer: string;
  readonly #user: LocalUser;
  readonly #known: ReadonlySet<string>;
  readonly #jars = new Map<string, Map<string, string>>();

  constructor(issuer: string, cognito: string, user: LocalUser) {
    this.#issuer = issuer;
    this.#user = user;
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
  async signIn(place: Place): Promise<Place> {
    if (!place.html.includes('name="password"')) return place;
    return this.submit(place, { ...this.#user });
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
