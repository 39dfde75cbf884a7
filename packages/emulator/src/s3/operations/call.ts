import { BodyCheck, parseClaims } from "../body/body-check.ts";
import type { DecodedBody } from "../body/upload-body.ts";
import type { Reply } from "../reply.ts";
import type { S3Request } from "../request.ts";
import { S3Error } from "../s3-error.ts";
import type { Credentials } from "../signature/request-signature.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { parseXml, type XmlElement } from "../xml.ts";

/** What an operation works on: an authenticated request, its body and the store. */
export interface Call {
  readonly request: S3Request;
  readonly store: ObjectStore;
  /** Value of `x-amz-content-sha256`; empty for a browser upload, which signs a policy instead. */
  readonly payload: string;
  readonly body: DecodedBody;
  readonly credentials: Credentials;
}

export type Operation = (call: Call) => Reply | Promise<Reply>;

/** Documents are at most 1,000 keys of 1,024 bytes, or 10,000 parts. */
const DOCUMENT_BYTES = 4 * 1024 * 1024;

/** Reads a request document. @throws S3Error MalformedXML and those of the body's claims */
export async function readDocument(call: Call): Promise<XmlElement> {
  const check = new BodyCheck(parseClaims(call.request.headers, call.payload));
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const data of call.body.source) {
    bytes += data.length;
    if (bytes > DOCUMENT_BYTES) throw new S3Error("MalformedXML");
    check.update(data);
    chunks.push(data);
  }
  check.finish(call.body.trailers);
  return parseXml(Buffer.concat(chunks).toString());
}

/** A whole number of the query. @throws S3Error InvalidArgument outside `minimum` to `maximum` */
export function queryNumber(
  call: Call,
  name: string,
  range: { readonly minimum: number; readonly maximum: number; readonly fallback: number },
): number {
  const text = call.request.query.get(name);
  if (text === null || text === "") return range.fallback;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < range.minimum || value > range.maximum) {
    throw new S3Error(
      "InvalidArgument",
      `Argument ${name} must be an integer between ${range.minimum} and ${range.maximum}`,
    );
  }
  return value;
}
