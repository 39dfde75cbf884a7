import { get, type IncomingMessage } from "node:http";
import { SECOND, UnavailableError } from "@zenode/core";
import { SimpleFetcher } from "aws-jwt-verify/https";

type Fetcher = Pick<SimpleFetcher, "fetch">;

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/;
const TIMEOUT = 3 * SECOND;
/** A pool publishes two keys, below 1 KB. */
const MAX_BYTES = 64 * 1024;

/**
 * What fetches an issuer's keys: aws-jwt-verify's own fetcher for https; it knows no http, which is
 * allowed on loopback only (the local cloud). @throws Error for http elsewhere.
 */
export function jwksFetcherFor(issuer: URL): Fetcher {
  if (issuer.protocol === "https:") return new SimpleFetcher();
  if (issuer.protocol === "http:" && LOOPBACK.test(issuer.hostname))
    return { fetch: fetchLoopback };
  throw new Error(`The issuer ${issuer.href} must be https: its keys decide who may call.`);
}

async function fetchLoopback(uri: string): Promise<ArrayBuffer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(uri, { signal: AbortSignal.timeout(TIMEOUT) }, resolve).on("error", reject);
  });
  if (response.statusCode !== 200) {
    response.resume();
    throw new UnavailableError(`${uri} answered ${response.statusCode}.`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > MAX_BYTES)
      throw new UnavailableError(`${uri} answered more than ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks)).buffer;
}
