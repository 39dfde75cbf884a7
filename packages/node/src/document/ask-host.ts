import { type IncomingMessage, type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";

export interface Question {
  readonly url: URL;
  /** The connection goes to one of these, whatever the host's name means by then. */
  readonly addresses: readonly string[];
  readonly signal: AbortSignal;
  /** PEM of the certificate authorities that are trusted; absent: Node's own. */
  readonly authorities?: string | undefined;
}

const MAX_HEADER_BYTES = 8 * 1024;

/**
 * One GET over a connection of its own (so no proxy of the environment's), which says nothing of us but our name. The
 * certificate is verified, whatever the environment says. Rejects with what Node tells.
 */
export function askHost({
  url,
  addresses,
  signal,
  authorities,
}: Question): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const options: RequestOptions = {
    agent: false,
    signal,
    lookup: pinnedTo(addresses),
    maxHeaderSize: MAX_HEADER_BYTES,
    insecureHTTPParser: false,
    headers: {
      accept: "application/json",
      "accept-encoding": "identity",
      "user-agent": "zenode",
    },
  };
  const request =
    url.protocol === "https:"
      ? requestHttps(url, {
          ...options,
          rejectUnauthorized: true,
          ...(isIP(url.hostname) === 0 && { servername: url.hostname }),
          ...(authorities !== undefined && { ca: authorities }),
        })
      : requestHttp(url, options);
  request.on("response", resolve);
  request.on("error", reject);
  // Nothing that was not asked for: neither 1xx answers without end nor another protocol.
  request.on("information", () => request.destroy(new Error("An answer before the answer.")));
  request.on("upgrade", (_, socket) => socket.destroy());
  request.on("close", () => reject(new Error("No answer of HTTP.")));
  request.end();
  return promise;
}

/** For Node's `lookup`: never asks anybody. */
function pinnedTo(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    if (options.all) callback(null, all);
    else callback(null, all[0]?.address ?? "", all[0]?.family);
  };
}
