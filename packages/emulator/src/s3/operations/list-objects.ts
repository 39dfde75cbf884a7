import { uriEncode } from "../../signature/sigv4.ts";
import { type Reply, xmlReply } from "../reply.ts";
import { S3Error } from "../s3-error.ts";
import type { ListedObject } from "../store/object-index.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { element, xmlDocument } from "../xml.ts";
import { type Call, queryNumber } from "./call.ts";

const PAGE = 1000;

export interface Listing {
  readonly objects: readonly ListedObject[];
  readonly prefixes: readonly string[];
  /** Key the next page begins with; absent: this was the last. */
  readonly next?: string;
}

interface ListQuery {
  readonly bucket: string;
  readonly prefix: string;
  /** Empty: none. */
  readonly delimiter: string;
  /** The listing begins with this key. */
  readonly from: string;
  readonly limit: number;
}

/** ListObjectsV2. The continuation token is the key to go on with, in base64url. */
export function listObjects(call: Call): Reply {
  const { query, bucket } = call.request;
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const token = query.get("continuation-token");
  const startAfter = query.get("start-after");
  const limit = queryNumber(call, "max-keys", { minimum: 0, maximum: 2 ** 31, fallback: PAGE });
  // The smallest string after a key is the key with a zero byte.
  const from = token === null ? (startAfter ? `${startAfter}\0` : "") : parseToken(token);
  const page = { bucket, prefix, delimiter, from, limit: Math.min(limit, PAGE) };
  const { objects, prefixes, next } = list(call.store, page);
  const encode = query.get("encoding-type") === "url" ? encodeKey : (key: string) => key;
  const optional = (name: string, value: string | null) => element(name, value || undefined);
  return xmlReply(
    xmlDocument("ListBucketResult", [
      element("Name", bucket),
      element("Prefix", encode(prefix)),
      optional("Delimiter", encode(delimiter)),
      element("MaxKeys", limit),
      element("KeyCount", objects.length + prefixes.length),
      element("IsTruncated", next !== undefined),
      optional("ContinuationToken", token),
      optional("NextContinuationToken", next === undefined ? null : toToken(next)),
      optional("StartAfter", startAfter === null ? null : encode(startAfter)),
      optional("EncodingType", query.get("encoding-type")),
      ...objects.map((object) => contents(object, encode)),
      ...prefixes.map((common) => element("CommonPrefixes", [element("Prefix", encode(common))])),
    ]),
  );
}

function contents(object: ListedObject, encode: (key: string) => string): string {
  return element("Contents", [
    element("Key", encode(object.key)),
    element("LastModified", new Date(object.modified).toISOString()),
    element("ETag", `"${object.etag}"`),
    ...object.algorithms.map((algorithm) => element("ChecksumAlgorithm", algorithm)),
    element("Size", object.bytes),
    element("StorageClass", "STANDARD"),
  ]);
}

/** Objects and common prefixes in key order; a common prefix counts as one and is skipped over whole. */
function list(store: ObjectStore, query: ListQuery): Listing {
  const objects: ListedObject[] = [];
  const prefixes: string[] = [];
  let from: string | undefined = laterOf(query.from, query.prefix);
  while (from !== undefined) {
    const room: number = query.limit - objects.length - prefixes.length;
    const page = scan(store, { ...query, from, limit: room });
    objects.push(...page.objects);
    prefixes.push(...page.prefixes);
    if (page.full)
      return query.limit === 0 ? { objects, prefixes } : { objects, prefixes, next: page.next };
    from = page.next;
  }
  return { objects, prefixes };
}

type Scan =
  | {
      readonly full: true;
      readonly objects: ListedObject[];
      readonly prefixes: string[];
      readonly next: string;
    }
  | {
      readonly full: false;
      readonly objects: ListedObject[];
      readonly prefixes: string[];
      readonly next: string | undefined;
    };

/** One run over the index up to the first common prefix, the end of the bucket or of the room left. */
function scan(store: ObjectStore, query: ListQuery): Scan {
  const objects: ListedObject[] = [];
  for (const object of store.listFrom(query.bucket, query.from, -1)) {
    const { key, expired } = object;
    if (!key.startsWith(query.prefix)) break;
    if (expired) continue;
    const common = commonPrefix(key, query);
    if (objects.length === query.limit) {
      return { full: true, objects, prefixes: [], next: common ?? key };
    }
    if (common !== undefined) {
      return { full: false, objects, prefixes: [common], next: afterPrefix(common) };
    }
    objects.push(object);
  }
  return { full: false, objects, prefixes: [], next: undefined };
}

function commonPrefix(key: string, { prefix, delimiter }: ListQuery): string | undefined {
  const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

function laterOf(a: string, b: string): string {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0 ? b : a;
}

/** The smallest string after every string with this prefix; undefined when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (c) => c.codePointAt(0) ?? 0);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}

function encodeKey(key: string): string {
  return uriEncode(key).replaceAll("%2F", "/");
}

function toToken(key: string): string {
  return Buffer.from(key).toString("base64url");
}

function parseToken(token: string): string {
  const key = Buffer.from(token, "base64url").toString();
  if (toToken(key) !== token) {
    throw new S3Error("InvalidArgument", "The continuation token provided is incorrect");
  }
  return key;
}
