import type { UserTemplate } from "@zenode/emulator";
import { CliError } from "../terminal/cli-error.ts";
import {
  type AuthorizationServer,
  CALLBACK,
  newCodeRequest,
  readCallback,
  redeemCode,
  type TokenSet,
} from "./code-flow.ts";

/**
 * Signs a local user in through the hosted page, as a browser would, without one: follows the
 * redirects, sends the form, and stops at the callback.
 */
export async function signInLocally(
  server: AuthorizationServer,
  clientId: string,
  user: Pick<UserTemplate, "username" | "password">,
): Promise<TokenSet> {
  const request = newCodeRequest(server, clientId);
  const jar = new Map<string, string>();
  let next: URL | undefined = new URL(request.url);
  for (let step = 0; next && step < 10; step += 1) {
    if (next.href.startsWith(CALLBACK.href))
      return redeemCode(server, clientId, request, readCallback(next, request));
    // The password goes to the page that was discovered, wherever a redirect may point.
    if (next.origin !== new URL(server.authorizationEndpoint).origin) break;
    let response = await send(next, jar);
    if (response.status === 200)
      response = await send(next, jar, { username: user.username, password: user.password });
    const location: string | null = response.headers.get("location");
    next = location === null ? undefined : new URL(location, next);
  }
  throw new CliError(`The local user ${user.username} could not be signed in.`);
}

async function send(
  url: URL,
  jar: Map<string, string>,
  form?: Record<string, string>,
): Promise<Response> {
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
  const response = await fetch(url, {
    redirect: "manual",
    headers: { cookie, ...(form && { origin: url.origin }) },
    ...(form && { method: "POST", body: new URLSearchParams(form) }),
  });
  for (const line of response.headers.getSetCookie()) {
    const [pair = ""] = line.split(";");
    const at = pair.indexOf("=");
    jar.set(pair.slice(0, at), pair.slice(at + 1));
  }
  return response;
}
