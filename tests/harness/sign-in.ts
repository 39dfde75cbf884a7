import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { LocalPath } from "./local-path.ts";

const CALLBACK = "http://localhost:8976/callback";
const CLIENT = "zenode-cli";

export interface SignInRequest {
  readonly user?: string;
  /** Default: `openid email zenode/read zenode/write`. */
  readonly scope?: string;
  /** Default: the MCP endpoint; null: none is named. */
  readonly resource?: string | null;
}

export interface Tokens {
  readonly access: string;
  readonly id: string;
}

/** A local user's tokens by the code flow, with other scopes or for another resource than a client would ask. */
export async function signIn(local: LocalPath, request: SignInRequest = {}): Promise<Tokens> {
  const { user = "dev", scope = "openid email zenode/read zenode/write" } = request;
  const server = await discover(local.cloud.issuer);
  const verifier = randomBytes(32).toString("base64url");
  const url = new URL(server.authorization_endpoint);
  const { resource = local.mcpUrl } = request;
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: CLIENT,
    redirect_uri: CALLBACK,
    scope,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...(resource !== null && { resource }),
  }).toString();
  const callback = await passPage(url, CALLBACK, localUser(local, user));
  const code = callback.searchParams.get("code") ?? "";
  const response = await fetch(server.token_endpoint, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: CLIENT,
      code,
      redirect_uri: CALLBACK,
      code_verifier: verifier,
    }),
  });
  const body = (await response.json()) as { access_token: string; id_token: string };
  return { access: body.access_token, id: body.id_token };
}

async function discover(issuer: string) {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`);
  return (await response.json()) as { authorization_endpoint: string; token_endpoint: string };
}

export interface LocalUser {
  readonly username: string;
  readonly password: string;
}

export function localUser(local: Pick<LocalPath, "state">, username: string): LocalUser {
  const users = JSON.parse(readFileSync(path.join(local.state, "users.json"), "utf8")) as {
    username: string;
    password: string;
  }[];
  const user = users.find((one) => one.username === username);
  if (!user) throw new Error(`There is no user ${username}.`);
  return { username, password: user.password };
}

/** Goes through the hosted page as a browser would, up to the address of the callback. */
export async function passPage(
  start: URL,
  callback: string,
  { username, password }: LocalUser,
): Promise<URL> {
  const form = { username, password };
  const cookies = new Map<string, string>();
  let next = start;
  for (let step = 0; step < 10; step += 1) {
    if (next.href.startsWith(callback)) return next;
    const page = await send(next, cookies);
    const answer = page.status === 200 ? await send(next, cookies, form) : page;
    next = new URL(answer.headers.get("location") ?? "", next);
  }
  throw new Error("The hosted page led nowhere.");
}

async function send(
  url: URL,
  cookies: Map<string, string>,
  form?: Record<string, string>,
): Promise<Response> {
  const response = await fetch(url, {
    redirect: "manual",
    headers: {
      cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
      ...(form && { origin: url.origin }),
    },
    ...(form && { method: "POST", body: new URLSearchParams(form) }),
  });
  for (const line of response.headers.getSetCookie()) {
    const [name = "", value = ""] = (line.split(";")[0] ?? "").split(/=(.*)/s);
    cookies.set(name, value);
  }
  return response;
}

/** The token with other claims, or another header; its signature no longer fits. */
export function tamper(
  token: string,
  change: { readonly header?: object; readonly claims?: object; readonly signature?: string },
): string {
  const [header = "", claims = "", signature = ""] = token.split(".");
  return [
    rewrite(header, change.header),
    rewrite(claims, change.claims),
    change.signature ?? signature,
  ].join(".");
}

function rewrite(part: string, change: object | undefined): string {
  if (!change) return part;
  const value = JSON.parse(Buffer.from(part, "base64url").toString()) as object;
  return Buffer.from(JSON.stringify({ ...value, ...change })).toString("base64url");
}
