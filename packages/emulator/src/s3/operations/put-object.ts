import { parseClaims } from "../body/body-check.ts";
import { checksumHeaders } from "../body/checksum.ts";
import { receiveBody } from "../body/upload-body.ts";
import { emptyReply, type Reply } from "../reply.ts";
import { checkKey } from "../request.ts";
import type { StoredObject } from "../store/object-index.ts";
import type { Call } from "./call.ts";
import { checkWriteConditions } from "./conditions.ts";
import { parseDescription } from "./description.ts";

export async function putObject(call: Call): Promise<Reply> {
  const { request, store } = call;
  const { bucket, key, headers } = request;
  checkKey(key);
  const description = parseDescription(headers);
  const claims = parseClaims(headers, call.payload);
  checkWriteConditions(headers, store.get(bucket, key));
  const { blob, bytes, md5, checksums } = await receiveBody(call.body, claims, store.blobs);
  commitObject(call, {
    ...description,
    bucket,
    key,
    bytes,
    etag: md5,
    modified: store.now(),
    checksums,
    checksumType: "FULL_OBJECT",
    parts: [{ blob, bytes }],
  });
  return emptyReply(200, {
    etag: `"${md5}"`,
    ...checksumHeaders(checksums),
    "x-amz-checksum-type": "FULL_OBJECT",
  });
}

/**
 * Checks the request's conditions once more, now that the body is here, and makes the object visible.
 * Nothing runs between the two: of several conditional writers exactly one wins. A loser's blobs are
 * removed, unless they belong to the upload it `completes`.
 */
export function commitObject(call: Call, object: StoredObject, completes?: string): void {
  const { request, store } = call;
  try {
    checkWriteConditions(request.headers, store.get(object.bucket, object.key));
    store.put(object, completes);
  } catch (cause) {
    if (completes === undefined) store.blobs.remove(object.parts.map((part) => part.blob));
    throw cause;
  }
}
