import { type ChecksumAlgorithm, checksumHeaders, parseAlgorithm } from "../body/checksum.ts";
import { type ReceivedBody, receiveBody } from "../body/upload-body.ts";
import { type Reply, xmlReply } from "../reply.ts";
import { checkKey, decodePath } from "../request.ts";
import { S3Error } from "../s3-error.ts";
import type { StoredObject } from "../store/object-index.ts";
import { element, xmlDocument } from "../xml.ts";
import type { Call } from "./call.ts";
import { checkWriteConditions, notModified } from "./conditions.ts";
import { parseDescription } from "./description.ts";
import { type ByteRange, slicesOf } from "./get-object.ts";
import { commitObject } from "./put-object.ts";

/** The copy is one part with a plain MD5 as its tag, however its source was uploaded. */
export async function copyObject(call: Call): Promise<Reply> {
  const { request, store } = call;
  const { bucket, key, headers } = request;
  checkKey(key);
  const source = copySource(call);
  const asked = headers["x-amz-checksum-algorithm"];
  const replaces = headers["x-amz-metadata-directive"] === "REPLACE";
  if (source.bucket === bucket && source.key === key && !replaces && asked === undefined) {
    throw new S3Error(
      "InvalidRequest",
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  checkWriteConditions(headers, store.get(bucket, key));
  const description = parseDescription(headers);
  const tags = headers["x-amz-tagging-directive"] === "REPLACE" ? description.tags : source.tags;
  const algorithms = asked === undefined ? sourceAlgorithms(source) : [parseAlgorithm(asked)];
  const copy = asked === undefined ? linkOf(call, source) : undefined;
  const whole = { start: 0, bytes: source.bytes };
  const { blob, bytes, md5, checksums } =
    copy ?? (await receiveCopy(call, { source, range: whole, algorithms }));
  const modified = store.now();
  commitObject(call, {
    ...(replaces ? description : source),
    tags,
    bucket,
    key,
    bytes,
    etag: md5,
    modified,
    checksums,
    checksumType: "FULL_OBJECT",
    parts: [{ blob, bytes }],
  });
  return copyReply("CopyObjectResult", { md5, modified, checksums });
}

/** The object `x-amz-copy-source` names, its conditions held. @throws S3Error NoSuchKey, PreconditionFailed, … */
export function copySource(call: Call): StoredObject {
  const { headers } = call.request;
  const path = decodePath((headers["x-amz-copy-source"] ?? "").replace(/\?versionId=.*$/, ""));
  const [, bucket = "", key = ""] = /^\/?([^/]+)\/(.+)$/s.exec(path) ?? [];
  if (key === "")
    throw new S3Error("InvalidArgument", "Copy Source must mention the source bucket and key");
  if (call.store.buckets.get(bucket) === undefined) throw new S3Error("NoSuchBucket");
  const source = call.store.find(bucket, key);
  if (notModified(headers, source, "x-amz-copy-source-")) throw new S3Error("PreconditionFailed");
  return source;
}

export interface CopyPlan {
  readonly source: StoredObject;
  readonly range: ByteRange;
  readonly algorithms: readonly ChecksumAlgorithm[];
}

/** Reads the range of the source into a blob of its own. */
export async function receiveCopy(call: Call, plan: CopyPlan): Promise<ReceivedBody> {
  const { blobs } = call.store;
  const body = blobs.read(slicesOf(plan.source.parts, plan.range));
  const claims = { checksums: {}, algorithms: plan.algorithms, bytes: plan.range.bytes };
  const trailers = new Map<string, string>();
  if (Buffer.isBuffer(body)) return await receiveBody({ source: [body], trailers }, claims, blobs);
  try {
    return await receiveBody({ source: body.chunks(), trailers }, claims, blobs);
  } finally {
    body.release();
  }
}

export function copyReply(
  root: string,
  copy: Pick<ReceivedBody, "md5" | "checksums"> & { readonly modified: number },
): Reply {
  return xmlReply(
    xmlDocument(root, [
      element("ETag", `"${copy.md5}"`),
      element("LastModified", new Date(copy.modified).toISOString()),
      ...Object.entries(copy.checksums).map(([name, sum]) => element(`Checksum${name}`, sum)),
    ]),
    checksumHeaders(copy.checksums),
  );
}

/** An object uploaded in one piece is copied by a second name for its blob: no byte moves. */
function linkOf(call: Call, source: StoredObject): ReceivedBody | undefined {
  const [part] = source.parts;
  if (part === undefined || source.etag.includes("-")) return undefined;
  const { bytes, etag: md5, checksums } = source;
  return { blob: call.store.blobs.link(part.blob), bytes, md5, checksums };
}

function sourceAlgorithms(source: StoredObject): ChecksumAlgorithm[] {
  return Object.keys(source.checksums) as ChecksumAlgorithm[];
}
