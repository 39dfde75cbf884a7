import { type HttpHost, startHttpHost } from "./http-host.ts";

/** Headers that belong to one connection and not to what is passed on. */
const HOP_BY_HOP = ["connection", "keep-alive", "transfer-encoding", "content-length", "host"];

/**
 * Passes requests on with headers added, for a suite that can send none of its own. Everything else
 * stays as it is, streams included.
 */
export function startHeaderProxy(
  target: URL,
  added: ReadonlyMap<string, string>,
  heard: (request: Request) => void = () => undefined,
): Promise<HttpHost> {
  return startHttpHost((own) => async (request) => {
    heard(request);
    const headers = new Headers(request.headers);
    for (const name of HOP_BY_HOP) headers.delete(name);
    for (const [name, value] of added) headers.set(name, value);
    // A page of the proxy's own origin is a page of the target's; any other stays foreign.
    if (headers.get("origin") === own) headers.set("origin", target.origin);
    return withoutHops(await passOn(request, target, headers));
  });
}

function passOn(request: Request, target: URL, headers: Headers): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  return fetch(new URL(pathname + search, target), {
    method: request.method,
    headers,
    signal: request.signal,
    ...(request.body && { body: request.body, duplex: "half" as const }),
  });
}

function withoutHops({ status, headers, body }: Response): Response {
  const kept = new Headers(headers);
  for (const name of [...HOP_BY_HOP, "content-encoding"]) kept.delete(name);
  return new Response(body, { status, headers: kept });
}
