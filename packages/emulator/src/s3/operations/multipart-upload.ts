import { randomUUID } from "node:crypto";
import { parseClaims } from "../body/body-check.ts";
import {
  type ChecksumAlgorithm,
  type ChecksumType,
  checksumHeaders,
  parseAlgorithm,
} from "../body/checksum.ts";
import { type ReceivedBody, receiveBody } from "../body/upload-body.ts";
import { emptyReply, type Reply, xmlReply } from "../reply.ts";
import { checkKey } from "../request.ts";
import { S3Error } from "../s3-error.ts";
import type { Upload } from "../store/upload-index.ts";
import { element, xmlDocument } from "../xml.ts";
import type { Call } from "./call.ts";
import { copyReply, copySource, receiveCopy } from "./copy-object.ts";
import { parseDescription } from "./description.ts";
import { parseRange } from "./get-object.ts";

const PARTS = 10_000;

export function createMultipartUpload(call: Call): Reply {
  const { request, store } = call;
  const { bucket, key, headers } = request;
  checkKey(key);
  const asked = headers["x-amz-checksum-algorithm"];
  const algorithm = asked === undefined ? "CRC64NVME" : parseAlgorithm(asked);
  const checksumType = parseType(headers["x-amz-checksum-type"], algorithm);
  const id = randomUUID();
  store.uploads.put({
    id,
    bucket,
    key,
    initiated: store.now(),
    ...parseDescription(headers),
    algorithm,
    checksumType,
    checksumAsked: asked !== undefined,
  });
  return xmlReply(
    xmlDocument("InitiateMultipartUploadResult", [
      element("Bucket", bucket),
      element("Key", key),
      element("UploadId", id),
    ]),
    asked === undefined
      ? {}
      : { "x-amz-checksum-algorithm": algorithm, "x-amz-checksum-type": checksumType },
  );
}

/** SHA sums can only be composite, CRC64NVME only over the full object; the other CRCs may be either. */
function parseType(text: string | undefined, algorithm: ChecksumAlgorithm): ChecksumType {
  const composes = algorithm !== "CRC64NVME";
  const adds = algorithm.startsWith("CRC");
  if (text === undefined) return composes ? "COMPOSITE" : "FULL_OBJECT";
  if (text === "COMPOSITE" && composes) return text;
  if (text === "FULL_OBJECT" && adds) return text;
  throw new S3Error(
    "InvalidRequest",
    `The ${text} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
  );
}

export async function uploadPart(call: Call): Promise<Reply> {
  const { request, store } = call;
  const upload = findUpload(call);
  const number = partNumber(call);
  const claims = parseClaims(request.headers, call.payload);
  const algorithms = [...claims.algorithms, upload.algorithm];
  const received = await receiveBody(call.body, { ...claims, algorithms }, store.blobs);
  commitPart(call, number, received);
  return emptyReply(200, { etag: `"${received.md5}"`, ...checksumHeaders(received.checksums) });
}

export async function uploadPartCopy(call: Call): Promise<Reply> {
  const upload = findUpload(call);
  const number = partNumber(call);
  const source = copySource(call);
  const header = call.request.headers["x-amz-copy-source-range"];
  const range = parseRange(header, source.bytes) ?? { start: 0, bytes: source.bytes };
  const algorithms = [upload.algorithm];
  const received = await receiveCopy(call, { source, range, algorithms });
  const modified = commitPart(call, number, received);
  return copyReply("CopyPartResult", { ...received, modified });
}

export function abortMultipartUpload(call: Call): Reply {
  call.store.abort(findUpload(call).id);
  return emptyReply(204);
}

/** The upload the query names. @throws S3Error NoSuchUpload */
export function findUpload({ request, store }: Call): Upload {
  const id = request.query.get("uploadId") ?? "";
  const upload = store.uploads.get(id, request.bucket, request.key);
  if (upload === undefined) throw new S3Error("NoSuchUpload");
  return upload;
}

function partNumber(call: Call): number {
  const number = Number(call.request.query.get("partNumber"));
  if (Number.isSafeInteger(number) && number >= 1 && number <= PARTS) return number;
  throw new S3Error(
    "InvalidArgument",
    `Part number must be an integer between 1 and ${PARTS}, inclusive`,
  );
}

/** Makes a part part of its upload, if that was not ended while the body came in. */
function commitPart(call: Call, number: number, received: ReceivedBody): number {
  const { store } = call;
  const { blob, bytes, md5, checksums } = received;
  const modified = store.now();
  try {
    const { id } = findUpload(call);
    store.putPart(id, { number, blob, bytes, etag: md5, modified, checksums });
  } catch (cause) {
    store.blobs.remove([blob]);
    throw cause;
  }
  return modified;
}
