import { createHash, randomBytes } from "node:crypto";
import { CliError } from "../terminal/cli-error.ts";

/** Where a client signs in for a zenode endpoint. */
export interface AuthorizationServer {
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  /** The resource indicator (RFC 8707) tokens are asked for. */
  readonly resource: string;
}

export interface TokenSet {
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** The callback that the public client has registered, exactly (Cognito knows no port freedom). */
export const CALLBACK = new URL("http://localhost:8976/callback");

const SCOPES = "openid email zenode/read zenode/write";

/** Follows RFC 9728 from the endpoint to its authorization server. @throws CliError that names the document. */
export async function discover(mcpUrl: string): Promise<AuthorizationServer> {
  const { origin, pathname } = new URL(mcpUrl);
  const resource = await fetchDocument(`${origin}/.well-known/oauth-protected-resource${pathname}`);
  const [issuer] = stringsOf(resource.authorization_servers);
  if (issuer === undefined) throw new CliError(`${origin} names no authorization server.`);
  // RFC 9728 section 3.3: a document about another resource must not be used.
  if (resource.resource !== mcpUrl) {
    throw new CliError(`${mcpUrl} calls itself ${String(resource.resource)}; use that address.`);
  }
  const server = await fetchDocument(`${issuer}/.well-known/openid-configuration`);
  return {
    authorizationEndpoint: String(server.authorization_endpoint),
    tokenEndpoint: String(server.token_endpoint),
    resource: mcpUrl,
  };
}

async function fetchDocument(url: string): Promise<Record<string, unknown>> {
  const response = await fetch(url).catch((cause: unknown) => {
    throw new CliError(`Nothing answers at ${url}. Is zenode running? Start it with: npm start`, {
      cause,
    });
  });
  if (!response.ok) throw new CliError(`${url} answered ${response.status}.`);
  return (await response.json()) as Record<string, unknown>;
}

function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

export interface CodeRequest {
  readonly url: string;
  readonly state: string;
  readonly verifier: string;
}

/** An authorization request with PKCE S256 (RFC 7636) and a fresh state. */
export function newCodeRequest(server: AuthorizationServer, clientId: string): CodeRequest {
  const verifier = randomBytes(32).toString("base64url");
  const state = randomBytes(16).toString("base64url");
  const url = new URL(server.authorizationEndpoint);
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: CALLBACK.href,
    scope: SCOPES,
    state,
    resource: server.resource,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  }).toString();
  return { url: url.href, state, verifier };
}

/** The code of a callback. @throws CliError when the state is not ours or sign-in was refused. */
export function readCallback(callback: URL, request: CodeRequest): string {
  const { searchParams } = callback;
  if (searchParams.get("state") !== request.state)
    throw new CliError("The callback is of another sign-in.");
  const code = searchParams.get("code");
  if (code) return code;
  const reason = searchParams.get("error_description") ?? searchParams.get("error") ?? "no code";
  throw new CliError(`Sign-in was refused: ${reason}`);
}

export function redeemCode(
  server: AuthorizationServer,
  clientId: string,
  request: CodeRequest,
  code: string,
): Promise<TokenSet> {
  return askForTokens(server, {
    grant_type: "authorization_code",
    client_id: clientId,
    code,
    redirect_uri: CALLBACK.href,
    code_verifier: request.verifier,
  });
}

export function refresh(
  server: AuthorizationServer,
  clientId: string,
  refreshToken: string,
): Promise<TokenSet> {
  return askForTokens(
    server,
    { grant_type: "refresh_token", client_id: clientId, refresh_token: refreshToken },
    refreshToken,
  );
}

async function askForTokens(
  server: AuthorizationServer,
  form: Record<string, string>,
  previous?: string,
): Promise<TokenSet> {
  const response = await fetch(server.tokenEndpoint, {
    method: "POST",
    body: new URLSearchParams(form),
  });
  const body = (await response.json()) as {
    access_token?: string;
    refresh_token?: string;
    expires_in?: number;
    error?: string;
  };
  if (!response.ok || !body.access_token)
    throw new CliError(
      `Sign-in failed: ${body.error ?? response.status}. Sign in again: zenode login`,
    );
  const refreshToken = body.refresh_token ?? previous;
  return {
    accessToken: body.access_token,
    ...(refreshToken !== undefined && { refreshToken }),
    expiresAt: Date.now() + (body.expires_in ?? 3600) * 1000,
  };
}
