import type { ClientTemplate } from "../template.ts";
import { userScopes } from "./scope-policy.ts";
import { customScopes, findClient, type UserPool } from "./user-pool.ts";

export interface AuthorizationRequest {
  readonly client: ClientTemplate;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly state?: string;
  readonly nonce?: string;
  readonly challenge?: string;
  readonly resource?: string;
  readonly prompt?: string;
}

export type ReadRequest =
  | { readonly kind: "request"; readonly request: AuthorizationRequest }
  /** Nobody may be redirected: the client or its callback is not to be trusted. */
  | { readonly kind: "refused"; readonly error: string; readonly description: string }
  /** The client is told at its callback. */
  | { readonly kind: "returned"; readonly location: string };

/** Reads the parameters of `/oauth2/authorize` and `/login`, which are the same. */
export function readAuthorizationRequest(pool: UserPool, query: URLSearchParams): ReadRequest {
  const client = findClient(pool, query.get("client_id"));
  if (client === undefined) {
    return { kind: "refused", error: "invalid_request", description: "Client does not exist." };
  }
  const redirectUri = query.get("redirect_uri");
  // Compared as strings: Cognito grants no freedom of port, slash or case.
  if (redirectUri === null || !client.callbackUrls.includes(redirectUri)) {
    return {
      kind: "refused",
      error: "redirect_mismatch",
      description: "The callback URL is not one of the app client's.",
    };
  }
  const state = query.get("state");
  const scopes = userScopes({
    asked: query.get("scope"),
    allowed: client.scopes,
    custom: customScopes(pool),
  });
  const error = problem(client, query) ?? (scopes === undefined ? "invalid_scope" : undefined);
  if (error !== undefined || scopes === undefined) {
    const location = callback(redirectUri, { error: error ?? "invalid_scope", state });
    return { kind: "returned", location };
  }
  const optional = {
    state,
    nonce: query.get("nonce"),
    challenge: query.get("code_challenge"),
    resource: query.get("resource"),
    prompt: query.get("prompt"),
  };
  const present = Object.entries(optional).filter(([, value]) => value !== null && value !== "");
  return {
    kind: "request",
    request: { client, redirectUri, scopes, ...Object.fromEntries(present) },
  };
}

/** The callback with its answer; parameters that are null or absent are left out. */
export function callback(
  redirectUri: string,
  answer: Readonly<Record<string, string | null | undefined>>,
): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) {
    if (value !== null && value !== undefined) url.searchParams.append(name, value);
  }
  return url.href;
}

/** https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html */
function problem(client: ClientTemplate, query: URLSearchParams): string | undefined {
  const type = query.get("response_type");
  if (type !== "code" && type !== "token") return "invalid_request";
  if (type === "token" || !client.flows.includes("code")) return "unauthorized_client";
  const method = query.get("code_challenge_method");
  if (query.has("code_challenge") !== (method !== null)) return "invalid_request";
  if (method !== null && method !== "S256") return "invalid_request";
  const resources = query.getAll("resource");
  if (resources.length > 1 || !resources.every(isResource)) return "invalid_request";
  return undefined;
}

/**
 * Cognito takes `https:`, `http://localhost` and custom schemes; a local cloud's own origin is
 * `http://127.0.0.1`, so all loopback hosts pass. A fragment is against RFC 8707.
 */
function isResource(value: string): boolean {
  if (!URL.canParse(value) || value.includes("#")) return false;
  const { protocol, hostname } = new URL(value);
  return protocol !== "http:" || ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}
