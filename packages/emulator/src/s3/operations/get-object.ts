import { checksumHeaders } from "../body/checksum.ts";
import { emptyReply, type Reply } from "../reply.ts";
import { S3Error } from "../s3-error.ts";
import type { BlobSlice } from "../store/blob-store.ts";
import type { ObjectPart, StoredObject } from "../store/object-index.ts";
import { type Call, queryNumber } from "./call.ts";
import { notModified } from "./conditions.ts";
import { overriddenHeaders } from "./description.ts";

/** Bytes of an object, `start` inclusive. */
export interface ByteRange {
  readonly start: number;
  readonly bytes: number;
}

export function getObject(call: Call): Reply {
  return readObject(call, true);
}

export function headObject(call: Call): Reply {
  return readObject(call, false);
}

/** The object asked for. @throws S3Error NoSuchKey, AccessDenied */
export function findObject({ store, request: { bucket, key } }: Call): StoredObject {
  return store.find(bucket, key);
}

function readObject(call: Call, withBody: boolean): Reply {
  const { headers } = call.request;
  const object = findObject(call);
  if (notModified(headers, object)) return emptyReply(304, identityHeaders(object));
  const range = rangeOf(call, object);
  const whole = range === undefined;
  const { start, bytes } = range ?? { start: 0, bytes: object.bytes };
  const reply: Record<string, string> = {
    ...describingHeaders(call, object),
    "content-length": String(bytes),
  };
  if (!whole) reply["content-range"] = `bytes ${start}-${start + bytes - 1}/${object.bytes}`;
  if (whole && headers["x-amz-checksum-mode"] === "ENABLED") {
    Object.assign(reply, checksumHeaders(object.checksums), {
      "x-amz-checksum-type": object.checksumType,
    });
  }
  const status = whole ? 200 : 206;
  if (!withBody) return emptyReply(status, reply);
  const body = call.store.blobs.read(slicesOf(object.parts, { start, bytes }));
  return { status, headers: reply, body };
}

function identityHeaders(object: StoredObject): Record<string, string> {
  return {
    etag: `"${object.etag}"`,
    "last-modified": new Date(object.modified).toUTCString(),
  };
}

function describingHeaders(call: Call, object: StoredObject): Record<string, string> {
  const headers: Record<string, string> = {
    "accept-ranges": "bytes",
    "content-type": "binary/octet-stream",
    ...object.headers,
    ...overriddenHeaders(call.request.query),
    ...identityHeaders(object),
  };
  for (const [name, value] of Object.entries(object.metadata))
    headers[`x-amz-meta-${name}`] = value;
  if (object.tags.length > 0) headers["x-amz-tagging-count"] = String(object.tags.length);
  const expiry = call.store.expiry(object);
  if (expiry !== undefined) {
    headers["x-amz-expiration"] =
      `expiry-date="${new Date(expiry).toUTCString()}", rule-id="expire"`;
  }
  if (call.request.query.has("partNumber") && object.parts.length > 1) {
    headers["x-amz-mp-parts-count"] = String(object.parts.length);
  }
  return headers;
}

/** The range asked for, by bytes or by part; undefined: the whole. @throws S3Error InvalidRange */
function rangeOf(call: Call, object: StoredObject): ByteRange | undefined {
  if (!call.request.query.has("partNumber")) {
    return parseRange(call.request.headers.range, object.bytes);
  }
  const number = queryNumber(call, "partNumber", { minimum: 1, maximum: 10_000, fallback: 1 });
  const part = object.parts[number - 1];
  if (part === undefined) throw new S3Error("InvalidRange");
  const before = object.parts.slice(0, number - 1).reduce((sum, { bytes }) => sum + bytes, 0);
  return { start: before, bytes: part.bytes };
}

/**
 * `bytes=a-b`, `bytes=a-` or `bytes=-n`; anything else, several ranges too, means the whole object.
 * @throws S3Error InvalidRange
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const parts = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  const [, first = "", last = ""] = parts ?? [];
  if (first === "" && last === "") return undefined;
  const start = first === "" ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== "" && last !== "" && Number(first) > Number(last)) return undefined;
  if (start > end) throw new S3Error("InvalidRange");
  return { start, bytes: end - start + 1 };
}

/** Where the bytes of a range lie in the parts of an object. */
export function slicesOf(parts: readonly ObjectPart[], range: ByteRange): BlobSlice[] {
  const slices: BlobSlice[] = [];
  let offset = 0;
  for (const { blob, bytes } of parts) {
    const start = Math.max(range.start - offset, 0);
    const end = Math.min(range.start + range.bytes - offset, bytes);
    if (start < end) slices.push({ blob, start, bytes: end - start });
    offset += bytes;
  }
  return slices;
}
