import { createHash } from "node:crypto";
import { type Checksums, checksumOfParts, statedChecksums } from "../body/checksum.ts";
import { type Reply, xmlReply } from "../reply.ts";
import { S3Error } from "../s3-error.ts";
import type { Upload, UploadedPart } from "../store/upload-index.ts";
import { childrenOf, element, textOf, type XmlElement, xmlDocument } from "../xml.ts";
import { type Call, readDocument } from "./call.ts";
import { plainEtag } from "./conditions.ts";
import { findUpload } from "./multipart-upload.ts";
import { commitObject } from "./put-object.ts";

/** Every part but the last has at least 5 MiB ("Amazon S3 multipart upload limits"). */
const PART_BYTES = 5 * 1024 * 1024;

export async function completeMultipartUpload(call: Call): Promise<Reply> {
  const { bucket, key } = call.request;
  const document = await readDocument(call);
  const upload = findUpload(call);
  const parts = chooseParts(document, upload, call.store.uploads.parts(upload.id));
  const etag = etagOfParts(parts);
  const checksums = checksumsOf(call, upload, parts);
  const { headers, metadata, tags, checksumType } = upload;
  const object = {
    ...{ bucket, key, headers, metadata, tags, checksumType, checksums, etag },
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    modified: call.store.now(),
    parts: parts.map(({ blob, bytes }) => ({ blob, bytes })),
  };
  commitObject(call, object, upload.id);
  return xmlReply(
    xmlDocument("CompleteMultipartUploadResult", [
      element("Location", `http://${call.request.headers.host}/${bucket}/${key}`),
      element("Bucket", bucket),
      element("Key", key),
      element("ETag", `"${etag}"`),
      ...Object.entries(checksums).map(([name, sum]) => element(`Checksum${name}`, sum)),
      element("ChecksumType", checksumType),
    ]),
  );
}

/** MD5 of the parts' MD5s, and how many they were. */
function etagOfParts(parts: readonly UploadedPart[]): string {
  const hash = createHash("md5");
  for (const part of parts) hash.update(part.etag, "hex");
  return `${hash.digest("hex")}-${parts.length}`;
}

/** The uploaded parts the client lists, each as it says. @throws S3Error InvalidPart, InvalidPartOrder, EntityTooSmall */
function chooseParts(
  document: XmlElement,
  upload: Upload,
  uploaded: readonly UploadedPart[],
): UploadedPart[] {
  const listed = childrenOf(document, "Part");
  if (document.name !== "CompleteMultipartUpload" || listed.length === 0) {
    throw new S3Error("MalformedXML");
  }
  const byNumber = new Map(uploaded.map((part) => [part.number, part]));
  const numbers = listed.map((entry) => Number(textOf(entry, "PartNumber")));
  if (numbers.some((number, index) => index > 0 && number <= (numbers[index - 1] ?? 0))) {
    throw new S3Error("InvalidPartOrder");
  }
  const parts = listed.map((entry, index) => {
    const part = byNumber.get(numbers[index] ?? 0);
    if (part === undefined || part.etag !== plainEtag(textOf(entry, "ETag") ?? "")) {
      throw new S3Error("InvalidPart");
    }
    checkPartSum(entry, upload, part);
    return part;
  });
  if (parts.slice(0, -1).some((part) => part.bytes < PART_BYTES)) {
    throw new S3Error("EntityTooSmall");
  }
  return parts;
}

/** A composite sum the client asked for needs each part's sum said again. */
function checkPartSum(entry: XmlElement, upload: Upload, part: UploadedPart): void {
  const { algorithm, checksumType, checksumAsked } = upload;
  const stated = textOf(entry, `Checksum${algorithm}`);
  if (stated !== undefined && stated !== part.checksums[algorithm])
    throw new S3Error("InvalidPart");
  if (stated === undefined && checksumAsked && checksumType === "COMPOSITE") {
    throw new S3Error(
      "InvalidRequest",
      `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${part.number} in the request.`,
    );
  }
}

function checksumsOf(call: Call, upload: Upload, parts: readonly UploadedPart[]): Checksums {
  const { algorithm, checksumType } = upload;
  const sums = parts.map((part) => ({ sum: part.checksums[algorithm] ?? "", bytes: part.bytes }));
  const sum = checksumOfParts(algorithm, checksumType, sums);
  const stated =
    checksumType === "FULL_OBJECT" ? statedChecksums(call.request.headers)[algorithm] : undefined;
  if (stated !== undefined && stated !== sum) {
    throw new S3Error(
      "BadDigest",
      `The ${algorithm} you specified did not match the calculated checksum.`,
    );
  }
  return { [algorithm]: sum };
}
