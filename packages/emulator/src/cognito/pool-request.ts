import type { IncomingMessage } from "node:http";

/** A request to the pool, its body read. */
export interface PoolRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** The fields of a posted form, or undefined when the body is not declared as one. */
export function readForm(request: PoolRequest): URLSearchParams | undefined {
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  return type === "application/x-www-form-urlencoded"
    ? new URLSearchParams(request.body)
    : undefined;
}

/**
 * Whether a form was posted by a page of ours. Every browser says where a cross-site post comes from
 * (Fetch Metadata, or `Origin`); a client that says nothing is no browser, and holds no one's cookies.
 */
export function isSameOrigin(request: PoolRequest): boolean {
  const site = request.headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin";
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
