import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EmulatorClock } from "../../packages/emulator/src/clock.ts";
import {
  type Cognito,
  type CognitoOptions,
  startCognito,
} from "../../packages/emulator/src/cognito/cognito.ts";
import { FaultPlan } from "../../packages/emulator/src/faults/fault-plan.ts";
import type { UserPoolTemplate } from "../../packages/emulator/src/template.ts";

export const CALLBACK = "http://127.0.0.1:7777/cb";
export const PASSWORD = "Passw0rd!";

export const POOL: UserPoolTemplate = {
  id: "us-east-1_LOCAL01",
  resourceServers: [{ identifier: "mcp", scopes: ["read", "write"] }],
  clients: [
    {
      clientId: "webapp",
      callbackUrls: [CALLBACK],
      flows: ["code"],
      scopes: ["openid", "email", "profile", "mcp/read", "mcp/write"],
    },
    {
      clientId: "rotating",
      callbackUrls: [CALLBACK],
      flows: ["code"],
      scopes: ["openid", "mcp/read"],
      refreshTokenSeconds: 3_600,
      refreshTokenRotation: { graceSeconds: 30 },
    },
    {
      clientId: "strict",
      callbackUrls: [CALLBACK],
      flows: ["code"],
      scopes: ["openid"],
      refreshTokenRotation: { graceSeconds: 0 },
    },
    {
      clientId: "m2m",
      secret: "s3cret",
      callbackUrls: [],
      flows: ["client_credentials"],
      scopes: ["mcp/read", "mcp/write"],
      accessTokenSeconds: 600,
    },
  ],
  users: [
    {
      username: "alice",
      password: PASSWORD,
      email: "alice@example.com",
      groups: ["admins", "tenant-a"],
      attributes: { "custom:tenant": "a" },
    },
    { username: "bob", password: "Bob's 2nd", email: "bob@example.com" },
  ],
};

export interface CognitoFixture extends AsyncDisposable {
  readonly cognito: Cognito;
  readonly clock: EmulatorClock;
  readonly faults: FaultPlan;
  readonly dir: string;
  /** Closes the pool and starts it again over the same folder and port. */
  restart(): Promise<void>;
}

/** Made by the first pool of a file and lent to the next ones: making RSA keys is most of a start. */
let keys: string | undefined;

export async function cognitoWith(
  changes: Partial<Pick<CognitoOptions, "pool" | "invoke">> = {},
): Promise<CognitoFixture> {
  const dir = mkdtempSync(join(tmpdir(), "cognito-"));
  const clock = new EmulatorClock();
  const faults = new FaultPlan();
  const place = { account: "000000000000", region: "us-east-1" };
  const options = { dir, pool: POOL, place, clock, faults, ...changes };
  const keyFile = join(dir, "signing-keys.json");
  if (keys !== undefined) writeFileSync(keyFile, keys, { mode: 0o600 });
  let cognito = await startCognito(options);
  keys ??= readFileSync(keyFile, "utf8");
  return {
    get cognito() {
      return cognito;
    },
    clock,
    faults,
    dir,
    async restart() {
      const port = Number(new URL(cognito.endpoint).port);
      await cognito.close();
      cognito = await startCognito({ ...options, port });
    },
    async [Symbol.asyncDispose]() {
      await cognito.close();
      rmSync(dir, { recursive: true });
    },
  };
}

export const VERIFIER = randomBytes(32).toString("base64url");
export const CHALLENGE = createHash("sha256").update(VERIFIER).digest("base64url");

export type Parameters = Readonly<Record<string, string>>;

/** The parameters of a good authorization request, with changes; "" takes one away. */
export function authorizeQuery(changes: Parameters = {}): URLSearchParams {
  const all = {
    client_id: "webapp",
    redirect_uri: CALLBACK,
    response_type: "code",
    scope: "openid email mcp/read",
    state: "st",
    code_challenge: CHALLENGE,
    code_challenge_method: "S256",
    ...changes,
  };
  return new URLSearchParams(Object.entries(all).filter(([, value]) => value !== ""));
}

/** A browser as far as cookies and redirects go. */
export class Browser {
  readonly #endpoint: string;
  readonly #cookies = new Map<string, string>();

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  async open(path: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...Object.fromEntries(new Headers(init.headers)), cookie };
    const response = await fetch(new URL(path, this.#endpoint), {
      redirect: "manual",
      ...init,
      headers,
    });
    for (const set of response.headers.getSetCookie()) {
      const [name = "", value = ""] = set.split(";")[0]?.split("=") ?? [];
      this.#cookies.set(name, value);
    }
    return response;
  }

  submit(path: string, fields: Parameters, headers: Parameters = {}): Promise<Response> {
    return this.open(path, { method: "POST", body: new URLSearchParams(fields), headers });
  }

  /** Authorizes, with the password when asked; returns the parameters the callback got. */
  async authorize(changes: Parameters = {}, username = "alice", password = PASSWORD) {
    let response = await this.open(`/oauth2/authorize?${authorizeQuery(changes)}`);
    let location = response.headers.get("location") ?? "";
    if (location.startsWith("/login")) {
      response = await this.submit(location, { username, password });
      location = response.headers.get("location") ?? "";
    }
    return new URL(location, this.#endpoint).searchParams;
  }

  /** Signs in and redeems the code. */
  async tokens(changes: Parameters = {}, username?: string, password?: string): Promise<Tokens> {
    const code = (await this.authorize(changes, username, password)).get("code") ?? "";
    const client_id = changes.client_id ?? "webapp";
    return (await redeem(this.#endpoint, { code, client_id })).body;
  }
}

export interface Tokens {
  readonly access_token: string;
  readonly id_token?: string;
  readonly refresh_token?: string;
  readonly expires_in: number;
  readonly token_type: string;
}

interface TokenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Tokens & { readonly error?: string; readonly error_description?: string };
}

export async function token(
  endpoint: string,
  fields: Parameters,
  headers: Parameters = {},
): Promise<TokenAnswer> {
  const response = await fetch(`${endpoint}/oauth2/token`, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers,
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as TokenAnswer["body"],
  };
}

/** Redeems a code; "" in the changes takes a field away. */
export function redeem(endpoint: string, changes: Parameters): Promise<TokenAnswer> {
  const all = {
    grant_type: "authorization_code",
    client_id: "webapp",
    redirect_uri: CALLBACK,
    code_verifier: VERIFIER,
    ...changes,
  };
  return token(
    endpoint,
    Object.fromEntries(Object.entries(all).filter(([, value]) => value !== "")),
  );
}

export function refresh(
  endpoint: string,
  refresh_token: string | undefined,
  client_id = "webapp",
): Promise<TokenAnswer> {
  return token(endpoint, {
    grant_type: "refresh_token",
    refresh_token: refresh_token ?? "",
    client_id,
  });
}
