import { type Reply, xmlReply } from "../reply.ts";
import { element, xmlDocument } from "../xml.ts";
import { type Call, queryNumber } from "./call.ts";
import { findUpload } from "./multipart-upload.ts";

const PAGE = { minimum: 0, maximum: 2 ** 31, fallback: 1000 };

export function listParts(call: Call): Reply {
  const upload = findUpload(call);
  const limit = Math.min(queryNumber(call, "max-parts", PAGE), 1000);
  const marker = queryNumber(call, "part-number-marker", { ...PAGE, fallback: 0 });
  const left = call.store.uploads.parts(upload.id).filter((part) => part.number > marker);
  const page = left.slice(0, limit);
  const parts = page.map((part) =>
    element("Part", [
      element("PartNumber", part.number),
      element("LastModified", new Date(part.modified).toISOString()),
      element("ETag", `"${part.etag}"`),
      element("Size", part.bytes),
      element(`Checksum${upload.algorithm}`, part.checksums[upload.algorithm]),
    ]),
  );
  return xmlReply(
    xmlDocument("ListPartsResult", [
      element("Bucket", upload.bucket),
      element("Key", upload.key),
      element("UploadId", upload.id),
      element("PartNumberMarker", marker),
      element("NextPartNumberMarker", page.at(-1)?.number ?? 0),
      element("MaxParts", limit),
      element("IsTruncated", page.length < left.length),
      element("StorageClass", "STANDARD"),
      ...parts,
    ]),
  );
}

export function listMultipartUploads(call: Call): Reply {
  const { bucket, query } = call.request;
  const prefix = query.get("prefix") ?? "";
  const limit = Math.min(queryNumber(call, "max-uploads", PAGE), 1000);
  const keyMarker = query.get("key-marker") ?? "";
  const idMarker = query.get("upload-id-marker");
  // Without an id the marker passes over every upload of its key: no id is greater than this one.
  const after = { key: keyMarker, id: idMarker ?? (keyMarker === "" ? "" : "\u{10ffff}") };
  const left = call.store.uploads
    .listAfter(bucket, after, -1)
    .filter((upload) => upload.key.startsWith(prefix));
  const page = left.slice(0, limit);
  const uploads = page.map((upload) =>
    element("Upload", [
      element("Key", upload.key),
      element("UploadId", upload.id),
      element("StorageClass", "STANDARD"),
      element("Initiated", new Date(upload.initiated).toISOString()),
    ]),
  );
  return xmlReply(
    xmlDocument("ListMultipartUploadsResult", [
      element("Bucket", bucket),
      element("Prefix", prefix),
      element("KeyMarker", keyMarker),
      element("UploadIdMarker", idMarker ?? ""),
      element("NextKeyMarker", page.at(-1)?.key),
      element("NextUploadIdMarker", page.at(-1)?.id),
      element("MaxUploads", limit),
      element("IsTruncated", page.length < left.length),
      ...uploads,
    ]),
  );
}
