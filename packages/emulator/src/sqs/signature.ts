import type { IncomingMessage } from "node:http";
import {
  canonicalRequest,
  hmac,
  parseAmzDate,
  sameSignature,
  sha256Hex,
  signingKey,
  stringToSign,
} from "../signature/sigv4.ts";
import { SqsError } from "./sqs-error.ts";

/** Secrets by access key id. */
export type Credentials = Readonly<Record<string, string>>;

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/sqs\/aws4_request,\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]+)$/;
const SKEW_MS = 15 * 60_000;

/**
 * Checks the Signature Version 4 of a request over its body; `nowMs` is the machine's time, which is the
 * clients' too. A session token is signed but not looked into. Returns the access key id.
 * @throws SqsError AccessDenied, InvalidClientTokenId, SignatureDoesNotMatch
 */
export function authenticate(
  message: IncomingMessage,
  body: Buffer,
  { credentials, nowMs }: { credentials: Credentials; nowMs: number },
): string {
  const parts = AUTHORIZATION.exec(message.headers.authorization ?? "");
  if (parts === null) throw new SqsError("AccessDenied");
  const [, accessKeyId = "", day = "", region = "", signed = "", signature = ""] = parts;
  const secret = Object.hasOwn(credentials, accessKeyId) ? credentials[accessKeyId] : undefined;
  if (secret === undefined) throw new SqsError("InvalidClientTokenId");
  const signedHeaders = signed.split(";");
  const amzDate = String(message.headers["x-amz-date"] ?? "");
  const ageMs = Math.abs(nowMs - parseAmzDate(amzDate));
  // Also refuses a date that is none: then the age is no number.
  if (!(ageMs <= SKEW_MS) || !amzDate.startsWith(day)) {
    throw new SqsError("SignatureDoesNotMatch", `Signature expired: ${amzDate} is not now.`);
  }
  if (!signedHeaders.includes("host") || !signedHeaders.includes("x-amz-date")) {
    throw new SqsError("SignatureDoesNotMatch");
  }
  const scope = { accessKeyId, day, region, service: "sqs" };
  const url = new URL(message.url ?? "/", "http://sqs");
  const canonical = canonicalRequest({
    method: message.method ?? "POST",
    rawPath: url.pathname,
    query: url.searchParams,
    headers: flat(message),
    signedHeaders,
    payload: sha256Hex(body),
  });
  const expected = hmac(signingKey(secret, scope), stringToSign(amzDate, scope, canonical));
  if (sameSignature(expected.toString("hex"), signature)) return accessKeyId;
  throw new SqsError("SignatureDoesNotMatch");
}

function flat(message: IncomingMessage): Record<string, string> {
  const headers = Object.entries(message.headers);
  return Object.fromEntries(headers.map(([name, value]) => [name, String(value)]));
}
