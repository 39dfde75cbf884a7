import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  getBucketVersioning,
  headBucket,
  listBuckets,
} from "./operations/bucket.ts";
import type { Operation } from "./operations/call.ts";
import { completeMultipartUpload } from "./operations/complete-multipart-upload.ts";
import { copyObject } from "./operations/copy-object.ts";
import { deleteBucketCors, getBucketCors, putBucketCors } from "./operations/cors.ts";
import { deleteObject, deleteObjects } from "./operations/delete-object.ts";
import { getObject, headObject } from "./operations/get-object.ts";
import { listMultipartUploads, listParts } from "./operations/list-multipart.ts";
import { listObjects } from "./operations/list-objects.ts";
import {
  abortMultipartUpload,
  createMultipartUpload,
  uploadPart,
  uploadPartCopy,
} from "./operations/multipart-upload.ts";
import { getObjectAttributes } from "./operations/object-attributes.ts";
import { postObject } from "./operations/post-object.ts";
import { putObject } from "./operations/put-object.ts";
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from "./operations/tagging.ts";
import type { S3Request } from "./request.ts";

type Scope = "service" | "bucket" | "object";

export interface Route {
  /** AWS's name of the operation. */
  readonly operation: string;
  readonly run: Operation;
}

/** Method and scope, then a name that must be in the query or (with `@`) among the headers. */
type RouteEntry = readonly [
  method: string,
  scope: Scope,
  mark: string,
  operation: string,
  run: Operation,
];

/** The first entry that fits is taken; entries without a mark come last in their scope. */
const ROUTES: readonly RouteEntry[] = [
  ["GET", "service", "", "ListBuckets", listBuckets],
  ["GET", "bucket", "cors", "GetBucketCors", getBucketCors],
  ["PUT", "bucket", "cors", "PutBucketCors", putBucketCors],
  ["DELETE", "bucket", "cors", "DeleteBucketCors", deleteBucketCors],
  ["GET", "bucket", "location", "GetBucketLocation", getBucketLocation],
  ["GET", "bucket", "versioning", "GetBucketVersioning", getBucketVersioning],
  ["GET", "bucket", "uploads", "ListMultipartUploads", listMultipartUploads],
  ["GET", "bucket", "list-type", "ListObjectsV2", listObjects],
  ["POST", "bucket", "delete", "DeleteObjects", deleteObjects],
  ["POST", "bucket", "", "PostObject", postObject],
  ["PUT", "bucket", "", "CreateBucket", createBucket],
  ["HEAD", "bucket", "", "HeadBucket", headBucket],
  ["DELETE", "bucket", "", "DeleteBucket", deleteBucket],
  ["GET", "object", "tagging", "GetObjectTagging", getObjectTagging],
  ["PUT", "object", "tagging", "PutObjectTagging", putObjectTagging],
  ["DELETE", "object", "tagging", "DeleteObjectTagging", deleteObjectTagging],
  ["GET", "object", "attributes", "GetObjectAttributes", getObjectAttributes],
  ["POST", "object", "uploads", "CreateMultipartUpload", createMultipartUpload],
  ["GET", "object", "uploadId", "ListParts", listParts],
  ["POST", "object", "uploadId", "CompleteMultipartUpload", completeMultipartUpload],
  ["DELETE", "object", "uploadId", "AbortMultipartUpload", abortMultipartUpload],
  ["PUT", "object", "uploadId@x-amz-copy-source", "UploadPartCopy", uploadPartCopy],
  ["PUT", "object", "uploadId", "UploadPart", uploadPart],
  ["PUT", "object", "@x-amz-copy-source", "CopyObject", copyObject],
  ["PUT", "object", "", "PutObject", putObject],
  ["GET", "object", "", "GetObject", getObject],
  ["HEAD", "object", "", "HeadObject", headObject],
  ["DELETE", "object", "", "DeleteObject", deleteObject],
];

/** Sub-resources of S3 that change what a request means; without a route of their own they are refused. */
const SUBRESOURCES = new Set([
  ...[
    "accelerate",
    "acl",
    "analytics",
    "encryption",
    "inventory",
    "legal-hold",
    "lifecycle",
    "logging",
  ],
  ...["metrics", "notification", "object-lock", "ownershipControls", "policy", "policyStatus"],
  ...[
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "torrent",
  ],
  ...["versionId", "versions", "website", "tagging", "cors", "location", "versioning", "uploads"],
  ...["attributes", "uploadId", "delete"],
]);

/** The operation a request asks for, undefined when there is none here. */
export function findRoute(request: S3Request): Route | undefined {
  const scope = scopeOf(request);
  const subresource = [...request.query.keys()].some((name) => SUBRESOURCES.has(name));
  const entry = ROUTES.find(
    ([method, where, mark]) =>
      method === request.method && where === scope && carries(request, mark, subresource),
  );
  return entry === undefined ? undefined : { operation: entry[3], run: entry[4] };
}

function scopeOf(request: S3Request): Scope {
  if (request.bucket === "") return "service";
  return request.key === "" ? "bucket" : "object";
}

function carries(request: S3Request, mark: string, subresource: boolean): boolean {
  const [name = "", header = ""] = mark.split("@");
  if (header !== "" && request.headers[header] === undefined) return false;
  return name === "" ? !subresource : request.query.has(name);
}
