import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from "node:crypto";

/** What a signature covers; reference: "Authenticating Requests (AWS Signature Version 4)", S3 API. */
export interface CanonicalInput {
  readonly method: string;
  readonly rawPath: string;
  readonly query: Iterable<readonly [string, string]>;
  readonly headers: Readonly<Record<string, string>>;
  readonly signedHeaders: readonly string[];
  /** Value of `x-amz-content-sha256`, or UNSIGNED-PAYLOAD. */
  readonly payload: string;
}

export interface CredentialScope {
  readonly accessKeyId: string;
  /** `YYYYMMDD` */
  readonly day: string;
  readonly region: string;
  readonly service: string;
}

export function hmac(key: KeyObject | Buffer | string, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

export function sha256Hex(data: Buffer | string): string {
  return hash("sha256", data, "hex");
}

/** RFC 3986 encoding: everything but the unreserved characters. */
export function uriEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export function canonicalRequest(input: CanonicalInput): string {
  const path = input.rawPath
    .split("/")
    .map((segment) => uriEncode(decodeURIComponent(segment)))
    .join("/");
  const headers = input.signedHeaders.map(
    (name) => `${name}:${(input.headers[name] ?? "").trim().replace(/\s+/g, " ")}`,
  );
  return [
    input.method,
    path,
    canonicalQuery(input.query),
    ...headers,
    "",
    input.signedHeaders.join(";"),
    input.payload,
  ].join("\n");
}

function canonicalQuery(query: Iterable<readonly [string, string]>): string {
  return Array.from(query, ([name, value]) => [uriEncode(name), uriEncode(value)] as const)
    .filter(([name]) => name !== "X-Amz-Signature")
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function scopeText(scope: CredentialScope): string {
  return `${scope.day}/${scope.region}/${scope.service}/aws4_request`;
}

/** `amzDate` reads `YYYYMMDDTHHMMSSZ`. */
export function stringToSign(amzDate: string, scope: CredentialScope, canonical: string): string {
  return ["AWS4-HMAC-SHA256", amzDate, scopeText(scope), sha256Hex(canonical)].join("\n");
}

const keys = new Map<string, KeyObject>();

/**
 * Signing key of a day. It is remembered, as four HMACs would be half the cost of a small request, and it is
 * a key object, as an HMAC with bytes for its key takes ten times as long.
 */
export function signingKey(secret: string, scope: CredentialScope): KeyObject {
  const name = `${secret}\n${scopeText(scope)}`;
  const known = keys.get(name);
  if (known !== undefined) return known;
  const day = hmac(`AWS4${secret}`, scope.day);
  const key = createSecretKey(hmac(hmac(hmac(day, scope.region), scope.service), "aws4_request"));
  if (keys.size >= 100) keys.clear();
  keys.set(name, key);
  return key;
}

export function sameSignature(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Milliseconds since the epoch of `YYYYMMDDTHHMMSSZ`; NaN when it is no such date. */
export function parseAmzDate(text: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (parts === null) return Number.NaN;
  const [, year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
