import { S3Error } from "../s3-error.ts";
import type { StoredObject } from "../store/object-index.ts";
import type { XmlElement } from "../xml.ts";
import { childrenOf, textOf } from "../xml.ts";

/** What a writer says of an object: headers to return with it, metadata and tags. */
export type Description = Pick<StoredObject, "headers" | "metadata" | "tags">;

const KEPT_HEADERS = [
  "content-type",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "expires",
] as const;

/** User metadata: names and values of at most 2 KB together (S3 user guide, "Working with object metadata"). */
const METADATA_BYTES = 2048;
const TAGS = 10;

/** @throws S3Error MetadataTooLarge, InvalidTag */
export function parseDescription(headers: Readonly<Record<string, string>>): Description {
  const tagging = new URLSearchParams(headers["x-amz-tagging"] ?? "");
  const tags = checkTags([...tagging]);
  return { headers: keptHeaders(headers), metadata: parseMetadata(headers), tags };
}

/** Headers a read may override with `response-*` in its query. */
export function overriddenHeaders(query: URLSearchParams): Record<string, string> {
  const overrides: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = query.get(`response-${name}`);
    if (value !== null) overrides[name] = value;
  }
  return overrides;
}

/** @throws S3Error MalformedXML, InvalidTag */
export function parseTagging(document: XmlElement): [string, string][] {
  const [set] = childrenOf(document, "TagSet");
  if (set === undefined) throw new S3Error("MalformedXML");
  const tags = childrenOf(set, "Tag").map((tag): [string, string] => {
    const [key, value] = [textOf(tag, "Key"), textOf(tag, "Value")];
    if (key === undefined || value === undefined) throw new S3Error("MalformedXML");
    return [key, value];
  });
  return checkTags(tags);
}

function keptHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = name === "content-encoding" ? withoutFraming(headers[name]) : headers[name];
    if (value) kept[name] = value;
  }
  return kept;
}

/** `aws-chunked` is the framing of the upload, not an encoding of the object. */
function withoutFraming(encoding = ""): string {
  const encodings = encoding.split(",").map((name) => name.trim());
  return encodings.filter((name) => name !== "" && name !== "aws-chunked").join(",");
}

function parseMetadata(headers: Readonly<Record<string, string>>): Record<string, string> {
  const metadata: Record<string, string> = {};
  let bytes = 0;
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith("x-amz-meta-")) continue;
    const name = header.slice("x-amz-meta-".length);
    metadata[name] = value;
    bytes += name.length + value.length;
  }
  if (bytes > METADATA_BYTES) throw new S3Error("MetadataTooLarge");
  return metadata;
}

/** At most 10 tags with distinct keys, 128 characters of key and 256 of value. */
function checkTags(tags: [string, string][]): [string, string][] {
  const keys = new Set(tags.map(([key]) => key));
  const long = tags.some(([key, value]) => key === "" || key.length > 128 || value.length > 256);
  if (tags.length > TAGS || keys.size < tags.length || long) throw new S3Error("InvalidTag");
  return tags;
}
