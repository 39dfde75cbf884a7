import { emptyReply, type Reply, xmlReply } from "../reply.ts";
import { S3Error } from "../s3-error.ts";
import type { Bucket, CorsRule } from "../store/bucket-index.ts";
import { childrenOf, element, textOf, type XmlElement, xmlDocument } from "../xml.ts";
import { type Call, readDocument } from "./call.ts";

const RULES = 100;

export async function putBucketCors(call: Call): Promise<Reply> {
  const { store } = call;
  const document = await readDocument(call);
  const rules = childrenOf(document, "CORSRule").map(parseRule);
  if (rules.length === 0 || rules.length > RULES) throw new S3Error("MalformedXML");
  store.buckets.put({ ...bucketOf(call), cors: rules });
  return emptyReply(200);
}

export function getBucketCors(call: Call): Reply {
  const { cors } = bucketOf(call);
  if (cors === undefined) throw new S3Error("NoSuchCORSConfiguration");
  const rules = cors.map((rule) =>
    element("CORSRule", [
      ...rule.methods.map((method) => element("AllowedMethod", method)),
      ...rule.origins.map((origin) => element("AllowedOrigin", origin)),
      ...rule.headers.map((header) => element("AllowedHeader", header)),
      ...rule.exposed.map((header) => element("ExposeHeader", header)),
      element("MaxAgeSeconds", rule.maxAgeSeconds),
    ]),
  );
  return xmlReply(xmlDocument("CORSConfiguration", rules));
}

export function deleteBucketCors(call: Call): Reply {
  const { name, created } = bucketOf(call);
  call.store.buckets.put({ name, created });
  return emptyReply(204);
}

function bucketOf({ request, store }: Call): Bucket {
  const bucket = store.buckets.get(request.bucket);
  if (bucket === undefined) throw new S3Error("NoSuchBucket");
  return bucket;
}

function parseRule(rule: XmlElement): CorsRule {
  const texts = (name: string) => childrenOf(rule, name).map((child) => child.text);
  const maxAge = textOf(rule, "MaxAgeSeconds");
  const methods = texts("AllowedMethod");
  const origins = texts("AllowedOrigin");
  if (methods.length === 0 || origins.length === 0) throw new S3Error("MalformedXML");
  return {
    origins,
    methods,
    headers: texts("AllowedHeader"),
    exposed: texts("ExposeHeader"),
    ...(maxAge === undefined ? {} : { maxAgeSeconds: Number(maxAge) }),
  };
}

/** One `*` stands for any run of characters. */
function fits(pattern: string, value: string): boolean {
  const [before = "", after] = pattern.split("*");
  if (after === undefined) return pattern === value;
  const long = value.length >= before.length + after.length;
  return long && value.startsWith(before) && value.endsWith(after);
}

/**
 * The CORS headers of an answer, from the first rule that fits; undefined when none does. `asked` are the
 * headers a preflight asks for, in lower case.
 */
export function corsHeaders(
  bucket: Bucket | undefined,
  origin: string,
  method: string,
  asked: readonly string[] = [],
): Record<string, string> | undefined {
  const rule = bucket?.cors?.find(
    ({ origins, methods, headers }) =>
      methods.includes(method) &&
      origins.some((pattern) => fits(pattern, origin)) &&
      asked.every((name) => headers.some((pattern) => fits(pattern.toLowerCase(), name))),
  );
  if (rule === undefined) return undefined;
  const open = rule.origins.includes("*");
  return {
    "access-control-allow-origin": open ? "*" : origin,
    ...(open ? {} : { "access-control-allow-credentials": "true" }),
    "access-control-allow-methods": rule.methods.join(", "),
    ...(asked.length === 0 ? {} : { "access-control-allow-headers": asked.join(", ") }),
    ...(rule.exposed.length === 0
      ? {}
      : { "access-control-expose-headers": rule.exposed.join(", ") }),
    ...(rule.maxAgeSeconds === undefined
      ? {}
      : { "access-control-max-age": String(rule.maxAgeSeconds) }),
    vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
  };
}

/** Answers a preflight; it carries no signature. @throws S3Error AccessForbidden */
export function preflight(
  bucket: Bucket | undefined,
  headers: Readonly<Record<string, string>>,
): Reply {
  const { origin, "access-control-request-method": method } = headers;
  const asked = (headers["access-control-request-headers"] ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
  if (origin === undefined || method === undefined) {
    throw new S3Error("AccessForbidden", "Insufficient information. Origin request header needed.");
  }
  const granted = corsHeaders(bucket, origin, method, asked);
  if (granted === undefined) throw new S3Error("AccessForbidden");
  return emptyReply(200, granted);
}
