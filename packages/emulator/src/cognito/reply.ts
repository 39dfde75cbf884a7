import type { ServerResponse } from "node:http";

/** A whole answer, held back until it is sent so that a fault can lose it. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
}

const NO_STORE = { "cache-control": "no-cache, no-store, max-age=0, must-revalidate" };

/** A JSON answer that no cache keeps. */
export function json(status: number, value: unknown, headers: Reply["headers"] = {}): Reply {
  return {
    status,
    headers: { "content-type": "application/json;charset=UTF-8", ...NO_STORE, ...headers },
    body: JSON.stringify(value),
  };
}

/** An error as Cognito's OAuth endpoints write it; the description is absent where Cognito gives none. */
export function oauthError(error: string, description?: string, status = 400): Reply {
  return json(status, {
    error,
    ...(description === undefined ? {} : { error_description: description }),
  });
}

export function redirect(location: string, headers: Reply["headers"] = {}): Reply {
  return { status: 302, headers: { location, ...NO_STORE, ...headers }, body: "" };
}

/** A page that cannot be framed and runs no script. */
export function page(status: number, html: string, headers: Reply["headers"] = {}): Reply {
  return {
    status,
    headers: {
      "content-type": "text/html;charset=UTF-8",
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
      "x-frame-options": "DENY",
      "x-content-type-options": "nosniff",
      // Not no-referrer: browsers then send `Origin: null` with the form, and the same-origin check fails.
      "referrer-policy": "same-origin",
      ...NO_STORE,
      ...headers,
    },
    body: html,
  };
}

export function send(response: ServerResponse, reply: Reply): void {
  for (const [name, value] of Object.entries(reply.headers)) response.setHeader(name, value);
  response.writeHead(reply.status).end(reply.body);
}
