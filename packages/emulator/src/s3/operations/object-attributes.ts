import { type Reply, xmlReply } from "../reply.ts";
import { S3Error } from "../s3-error.ts";
import type { StoredObject } from "../store/object-index.ts";
import { element, xmlDocument } from "../xml.ts";
import type { Call } from "./call.ts";
import { findObject } from "./get-object.ts";

const ATTRIBUTES: Readonly<Record<string, (object: StoredObject) => string>> = {
  ETag: (object) => element("ETag", object.etag),
  Checksum: (object) =>
    element("Checksum", [
      ...Object.entries(object.checksums).map(([name, sum]) => element(`Checksum${name}`, sum)),
      element("ChecksumType", object.checksumType),
    ]),
  ObjectParts: (object) =>
    object.etag.includes("-")
      ? element("ObjectParts", [element("TotalPartsCount", object.parts.length)])
      : "",
  StorageClass: () => element("StorageClass", "STANDARD"),
  ObjectSize: (object) => element("ObjectSize", object.bytes),
};

export function getObjectAttributes(call: Call): Reply {
  const object = findObject(call);
  const asked = (call.request.headers["x-amz-object-attributes"] ?? "").split(",");
  const content = asked.map((name) => {
    const attribute = ATTRIBUTES[name.trim()];
    if (attribute === undefined)
      throw new S3Error("InvalidArgument", "Invalid attribute name specified.");
    return attribute(object);
  });
  return xmlReply(xmlDocument("GetObjectAttributesResponse", content), {
    "last-modified": new Date(object.modified).toUTCString(),
  });
}
