import { randomUUID } from "node:crypto";
import {
  type AuthorizationRequest,
  callback,
  type ReadRequest,
  readAuthorizationRequest,
} from "./authorization-request.ts";
import type { BrowserSession } from "./browser-session-store.ts";
import { isSameOrigin, type PoolRequest, readForm } from "./pool-request.ts";
import { page, type Reply, redirect } from "./reply.ts";
import { errorPage, signInPage } from "./sign-in-page.ts";
import { findClient, type UserPool } from "./user-pool.ts";

/** `GET /oauth2/authorize`: straight back with a code when the browser is signed in, else to the form. */
export function authorizeEndpoint(pool: UserPool, { url, headers }: PoolRequest): Reply {
  const read = readAuthorizationRequest(pool, url.searchParams);
  if (read.kind !== "request") return refuse(read);
  const { request } = read;
  const session = pool.browserSessions.find(headers.cookie);
  if (session !== undefined && request.prompt !== "login") return approve(pool, request, session);
  if (request.prompt === "none") {
    const { redirectUri, state } = request;
    return redirect(callback(redirectUri, { error: "login_required", state }));
  }
  return redirect(`/login?${url.searchParams}`);
}

/** `GET /login`: the form. `POST /login`: the password, then back to the client with a code. */
export async function loginEndpoint(pool: UserPool, request: PoolRequest): Promise<Reply> {
  const read = readAuthorizationRequest(pool, request.url.searchParams);
  if (read.kind !== "request") return refuse(read);
  const { clientId } = read.request.client;
  if (request.method === "GET") return page(200, signInPage({ clientId }));
  const form = readForm(request);
  if (form === undefined || !isSameOrigin(request)) {
    return page(403, errorPage("invalid_request", "The form did not come from this page."));
  }
  const username = form.get("username") ?? "";
  const user = await pool.users.signIn(username, form.get("password") ?? "");
  if (user === undefined) {
    const alert = "Incorrect username or password.";
    return page(401, signInPage({ clientId, alert, username }));
  }
  const { session, cookie } = pool.browserSessions.start(user.username);
  return approve(pool, read.request, session, cookie);
}

/**
 * `GET /logout`: ends the browser's session, then to `logout_uri`, or to the form again when the
 * client gave the parameters of a sign-in. Sign-out URLs of a client are its callback URLs here.
 */
export function logoutEndpoint(pool: UserPool, { url, headers }: PoolRequest): Reply {
  const query = url.searchParams;
  const client = findClient(pool, query.get("client_id"));
  const logoutUri = query.get("logout_uri");
  const cookie = { "set-cookie": pool.browserSessions.end(headers.cookie) };
  if (logoutUri === null && query.has("redirect_uri")) return redirect(`/login?${query}`, cookie);
  const allowed = client?.callbackUrls.some((registered) => sameOrigin(registered, logoutUri));
  if (logoutUri === null || allowed !== true) {
    return page(400, errorPage("invalid_request", "The sign-out URL is not allowed."), cookie);
  }
  return redirect(logoutUri, cookie);
}

function approve(
  pool: UserPool,
  request: AuthorizationRequest,
  session: BrowserSession,
  cookie?: string,
): Reply {
  const { client, redirectUri, scopes, state, challenge, nonce, resource } = request;
  const code = pool.codes.issue({
    grant: {
      clientId: client.clientId,
      username: session.username,
      scopes,
      originJti: randomUUID(),
      authTime: session.authTime,
      ...(resource === undefined ? {} : { resource }),
    },
    redirectUri,
    ...(challenge === undefined ? {} : { challenge }),
    ...(nonce === undefined ? {} : { nonce }),
  });
  return redirect(
    callback(redirectUri, { code, state }),
    cookie === undefined ? {} : { "set-cookie": cookie },
  );
}

function refuse(read: Exclude<ReadRequest, { kind: "request" }>): Reply {
  if (read.kind === "returned") return redirect(read.location);
  return page(400, errorPage(read.error, read.description));
}

function sameOrigin(registered: string, candidate: string | null): boolean {
  if (candidate === null || !URL.canParse(candidate)) return false;
  const [left, right] = [new URL(registered), new URL(candidate)];
  return left.protocol === right.protocol && left.host === right.host;
}
