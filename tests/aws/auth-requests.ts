import { createHash, randomBytes } from "node:crypto";
import type { Fields, Place } from "../harness/auth-browser.ts";
import { REDIRECT, RESOURCE } from "./auth-server-fixture.ts";

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
