import { parseAlgorithm, statedChecksums } from "../body/checksum.ts";
import { readForm } from "../body/form-data.ts";
import { receiveBody } from "../body/upload-body.ts";
import { emptyReply, type Reply, xmlReply } from "../reply.ts";
import { checkKey } from "../request.ts";
import { S3Error } from "../s3-error.ts";
import { checkPostPolicy, type LengthRange } from "../signature/post-policy.ts";
import { element, xmlDocument } from "../xml.ts";
import type { Call } from "./call.ts";
import { parseDescription } from "./description.ts";
import { commitObject } from "./put-object.ts";

/** Stands for the name of the file in the browser. */
const FILE_NAME = /\$\{filename\}/g;

/** A browser's form upload: its fields carry the policy that allows it ("POST Object", S3 API). */
export async function postObject(call: Call): Promise<Reply> {
  const { request, store } = call;
  const { bucket, headers } = request;
  const source = call.body.source as AsyncIterable<Buffer>;
  const { fields, fileName, content } = await readForm(source, headers["content-type"] ?? "");
  const range = checkPostPolicy({ bucket, fields }, call.credentials, Date.now());
  const key = (fields.get("key") ?? "").replaceAll(FILE_NAME, () => fileName);
  if (key === "")
    throw new S3Error("InvalidArgument", "Bucket POST must contain a field named 'key'.");
  checkKey(key);
  const form = Object.fromEntries(fields);
  const asked = form["x-amz-checksum-algorithm"];
  const claims = {
    checksums: statedChecksums(form),
    algorithms: asked === undefined ? [] : [parseAlgorithm(asked)],
  };
  const trailers = new Map<string, string>();
  const body = { source: withinRange(content, range), trailers };
  const { blob, bytes, md5, checksums } = await receiveBody(body, claims, store.blobs);
  commitObject(call, {
    ...parseDescription(form),
    bucket,
    key,
    bytes,
    etag: md5,
    modified: store.now(),
    checksums,
    checksumType: "FULL_OBJECT",
    parts: [{ blob, bytes }],
  });
  return answer(call, { key, md5, form });
}

/** Passes the file on until it is too large; refuses it at its end when it is too small. */
async function* withinRange(
  content: AsyncIterable<Buffer>,
  range: LengthRange,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const data of content) {
    bytes += data.length;
    if (bytes > range.maximum) throw new S3Error("EntityTooLarge");
    yield data;
  }
  if (bytes < range.minimum) throw new S3Error("EntityTooSmall");
}

interface Posted {
  readonly key: string;
  readonly md5: string;
  readonly form: Readonly<Record<string, string>>;
}

/** 204 unless the form asks for a redirect, 200 or 201 with a document. */
function answer(call: Call, { key, md5, form }: Posted): Reply {
  const { bucket, headers } = call.request;
  const etag = `"${md5}"`;
  const location = `http://${headers.host}/${bucket}/${encodeURIComponent(key)}`;
  const redirect = form.success_action_redirect;
  if (redirect !== undefined && URL.canParse(redirect)) {
    const target = new URL(redirect);
    target.searchParams.set("bucket", bucket);
    target.searchParams.set("key", key);
    target.searchParams.set("etag", etag);
    return emptyReply(303, { etag, location: target.href });
  }
  if (form.success_action_status !== "201") {
    return emptyReply(form.success_action_status === "200" ? 200 : 204, { etag, location });
  }
  const document = xmlDocument("PostResponse", [
    element("Location", location),
    element("Bucket", bucket),
    element("Key", key),
    element("ETag", etag),
  ]);
  return xmlReply(document, { etag, location }, 201);
}
