import type { KeyObject } from "node:crypto";
import {
  type CredentialScope,
  canonicalRequest,
  hmac,
  parseAmzDate,
  sameSignature,
  signingKey,
  stringToSign,
} from "../../signature/sigv4.ts";
import type { S3Request } from "../request.ts";
import { S3Error } from "../s3-error.ts";

/** Secrets by access key id. */
export type Credentials = Readonly<Record<string, string>>;

/** A request whose signature held; the rest is what signed chunks continue from. */
export interface Authentication {
  /** Value of `x-amz-content-sha256`. */
  readonly payload: string;
  readonly scope: CredentialScope;
  readonly amzDate: string;
  readonly signature: string;
  readonly key: KeyObject;
}

interface Claim {
  readonly scope: CredentialScope;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly amzDate: string;
  readonly payload: string;
}

const SKEW_MS = 15 * 60_000;
const WEEK_SECONDS = 604_800;

/**
 * Checks the Signature Version 4 of a request, in its header or in its query (presigned URL).
 *
 * A session token is signed like every `x-amz-*` header but not looked into: temporary credentials of a
 * known key are as good as the key. `nowMs` is the time of the machine, which is the clients' clock too.
 * @throws S3Error AccessDenied, InvalidAccessKeyId, SignatureDoesNotMatch, RequestTimeTooSkewed, …
 */
export function authenticate(
  request: S3Request,
  credentials: Credentials,
  nowMs: number,
): Authentication {
  const claim = request.query.has("X-Amz-Signature")
    ? claimFromQuery(request, nowMs)
    : claimFromHeader(request, nowMs);
  checkSignedHeaders(request, claim.signedHeaders);
  const secret = secretOf(credentials, claim.scope.accessKeyId);
  const key = signingKey(secret, claim.scope);
  const canonical = canonicalRequest({ ...request, ...claim });
  const expected = hmac(key, stringToSign(claim.amzDate, claim.scope, canonical)).toString("hex");
  if (!sameSignature(expected, claim.signature)) throw new S3Error("SignatureDoesNotMatch");
  const { payload, scope, amzDate, signature } = claim;
  return { payload, scope, amzDate, signature, key };
}

export function secretOf(credentials: Credentials, accessKeyId: string): string {
  const secret = Object.hasOwn(credentials, accessKeyId) ? credentials[accessKeyId] : undefined;
  if (secret === undefined) throw new S3Error("InvalidAccessKeyId");
  return secret;
}

/** `<key>/<day>/<region>/s3/aws4_request`; undefined when it is none. */
export function parseCredential(text: string): CredentialScope | undefined {
  const [accessKeyId, day, region, service, terminator, ...rest] = text.split("/");
  if (!accessKeyId || !day || !region || service !== "s3" || rest.length > 0) return undefined;
  return terminator === "aws4_request" ? { accessKeyId, day, region, service } : undefined;
}

function claimFromHeader(request: S3Request, nowMs: number): Claim {
  const {
    authorization,
    "x-amz-date": amzDate = "",
    "x-amz-content-sha256": payload,
  } = request.headers;
  if (authorization === undefined) throw new S3Error("AccessDenied");
  const parts =
    /^AWS4-HMAC-SHA256\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]+)$/.exec(
      authorization,
    );
  const [, credential = "", signedHeaders = "", signature = ""] = parts ?? [];
  const scope = parseCredential(credential);
  if (scope === undefined) throw new S3Error("AuthorizationHeaderMalformed");
  if (payload === undefined) {
    throw new S3Error(
      "InvalidRequest",
      "Missing required header for this request: x-amz-content-sha256",
    );
  }
  const signedAt = parseAmzDate(amzDate);
  if (Number.isNaN(signedAt)) {
    throw new S3Error(
      "AccessDenied",
      "AWS authentication requires a valid Date or x-amz-date header",
    );
  }
  if (!amzDate.startsWith(scope.day)) throw new S3Error("AuthorizationHeaderMalformed");
  if (Math.abs(nowMs - signedAt) > SKEW_MS) throw new S3Error("RequestTimeTooSkewed");
  return { scope, signedHeaders: signedHeaders.split(";"), signature, amzDate, payload };
}

function claimFromQuery(request: S3Request, nowMs: number): Claim {
  const value = (name: string) => request.query.get(`X-Amz-${name}`) ?? "";
  const scope = parseCredential(value("Credential"));
  const amzDate = value("Date");
  const signedAt = parseAmzDate(amzDate);
  const expires = Number(value("Expires"));
  if (
    scope === undefined ||
    value("Algorithm") !== "AWS4-HMAC-SHA256" ||
    Number.isNaN(signedAt) ||
    !amzDate.startsWith(scope.day) ||
    !(expires >= 1 && expires <= WEEK_SECONDS)
  ) {
    throw new S3Error("AuthorizationQueryParametersError");
  }
  if (signedAt - nowMs > SKEW_MS) throw new S3Error("AccessDenied", "Request is not valid yet");
  if (nowMs > signedAt + expires * 1000) throw new S3Error("AccessDenied", "Request has expired");
  const payload = request.message.headers["x-amz-content-sha256"] ?? value("Content-Sha256");
  return {
    scope,
    signedHeaders: value("SignedHeaders").split(";"),
    signature: value("Signature"),
    amzDate,
    payload: String(payload || "UNSIGNED-PAYLOAD"),
  };
}

/** Every `x-amz-*` header of the wire must be under the signature, and the host with them. */
function checkSignedHeaders(request: S3Request, signed: readonly string[]): void {
  const unsigned = Object.keys(request.message.headers).filter(
    (name) =>
      name.startsWith("x-amz-") && name !== "x-amz-content-sha256" && !signed.includes(name),
  );
  if (unsigned.length > 0 || !signed.includes("host")) {
    throw new S3Error(
      "AccessDenied",
      "There were headers present in the request which were not signed",
    );
  }
}
