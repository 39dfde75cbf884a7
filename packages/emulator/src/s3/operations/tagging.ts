import { emptyReply, type Reply, xmlReply } from "../reply.ts";
import { element, xmlDocument } from "../xml.ts";
import { type Call, readDocument } from "./call.ts";
import { parseTagging } from "./description.ts";
import { findObject } from "./get-object.ts";

export async function putObjectTagging(call: Call): Promise<Reply> {
  const tags = parseTagging(await readDocument(call));
  call.store.put({ ...findObject(call), tags });
  return emptyReply(200);
}

export function getObjectTagging(call: Call): Reply {
  const tags = findObject(call).tags.map(([key, value]) =>
    element("Tag", [element("Key", key), element("Value", value)]),
  );
  return xmlReply(xmlDocument("Tagging", [element("TagSet", tags)]));
}

export function deleteObjectTagging(call: Call): Reply {
  call.store.put({ ...findObject(call), tags: [] });
  return emptyReply(204);
}
