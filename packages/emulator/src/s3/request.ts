import type { IncomingMessage } from "node:http";
import { S3Error } from "./s3-error.ts";

/** One request in path style (`/bucket/key`), decoded but not yet checked. */
export interface S3Request {
  readonly message: IncomingMessage;
  readonly method: string;
  /** Path and query as they were on the wire: what the client signed. */
  readonly rawPath: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty: the request is for the service. */
  readonly bucket: string;
  /** Empty: the request is for the bucket. */
  readonly key: string;
}

/** A key has at most 1024 bytes of UTF-8 (S3 user guide, "Naming Amazon S3 objects"). */
const KEY_BYTES = 1024;

export function parseRequest(message: IncomingMessage): S3Request {
  const target = message.url ?? "/";
  const mark = target.indexOf("?");
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? "" : target.slice(mark + 1));
  const path = decodePath(rawPath).slice(1);
  const slash = path.indexOf("/");
  const key = slash < 0 ? "" : path.slice(slash + 1);
  return {
    message,
    method: message.method ?? "GET",
    rawPath,
    query,
    headers: { ...headersFromQuery(query), ...flatHeaders(message) },
    bucket: slash < 0 ? path : path.slice(0, slash),
    key,
  };
}

export function checkKey(key: string): void {
  if (Buffer.byteLength(key) > KEY_BYTES) throw new S3Error("KeyTooLongError");
}

export function decodePath(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch (cause) {
    if (cause instanceof URIError) throw new S3Error("InvalidURI");
    throw cause;
  }
}

function flatHeaders(message: IncomingMessage): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) flat[name] = typeof value === "string" ? value : value.join(", ");
  }
  return flat;
}

/**
 * Signers of URLs hoist `x-amz-*` headers into the query; S3 reads them as headers. A checksum beside
 * `x-amz-sdk-checksum-algorithm` is left out: the SDK took it over the empty body it had when it signed.
 */
function headersFromQuery(query: URLSearchParams): Record<string, string> {
  const hoisted: Record<string, string> = {};
  if (!query.has("X-Amz-Signature")) return hoisted;
  const sdk = query.has("x-amz-sdk-checksum-algorithm");
  for (const [name, value] of query) {
    if (!name.startsWith("x-amz-")) continue;
    if (sdk && (name.startsWith("x-amz-checksum-") || name.startsWith("x-amz-sdk-"))) continue;
    hoisted[name] = value;
  }
  return hoisted;
}
