import { emptyReply, type Reply, xmlReply } from "../reply.ts";
import { S3Error } from "../s3-error.ts";
import { childrenOf, element, textOf, xmlDocument } from "../xml.ts";
import { type Call, readDocument } from "./call.ts";
import { checkWriteConditions } from "./conditions.ts";

const KEYS = 1000;

/** A key that is not there is deleted as well as one that is. */
export function deleteObject(call: Call): Reply {
  const { bucket, key, headers } = call.request;
  if (headers["if-match"] !== undefined) checkWriteConditions(headers, call.store.get(bucket, key));
  call.store.delete(bucket, [key]);
  return emptyReply(204);
}

export async function deleteObjects(call: Call): Promise<Reply> {
  const document = await readDocument(call);
  const keys = childrenOf(document, "Object").map((object) => textOf(object, "Key"));
  const known = keys.filter((key) => key !== undefined);
  if (
    document.name !== "Delete" ||
    keys.length === 0 ||
    keys.length > KEYS ||
    known.length < keys.length
  ) {
    throw new S3Error("MalformedXML");
  }
  call.store.delete(call.request.bucket, known);
  const deleted = known.map((key) => element("Deleted", [element("Key", key)]));
  const quiet = textOf(document, "Quiet") === "true";
  return xmlReply(xmlDocument("DeleteResult", quiet ? [] : deleted));
}
