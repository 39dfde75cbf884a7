import { S3Error } from "../s3-error.ts";
import type { StoredObject } from "../store/object-index.ts";

type Headers = Readonly<Record<string, string>>;

/** An entity tag without its quotes and weakness. */
export function plainEtag(etag: string): string {
  return etag.trim().replace(/^W\//, "").replace(/"/g, "");
}

function matches(header: string, etag: string): boolean {
  return header.split(",").some((tag) => tag.trim() === "*" || plainEtag(tag) === etag);
}

/** HTTP dates count whole seconds. */
function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

/**
 * Conditions of a read (RFC 9110 section 13.2.2, which S3 follows); true: answer 304.
 * `prefix` is `x-amz-copy-source-` for the source of a copy.
 * @throws S3Error PreconditionFailed
 */
export function notModified(headers: Headers, object: StoredObject, prefix = ""): boolean {
  const [match, none] = [headers[`${prefix}if-match`], headers[`${prefix}if-none-match`]];
  const unmodified = Date.parse(headers[`${prefix}if-unmodified-since`] ?? "");
  const modified = Date.parse(headers[`${prefix}if-modified-since`] ?? "");
  if (match !== undefined) {
    if (!matches(match, object.etag)) throw new S3Error("PreconditionFailed");
  } else if (seconds(object.modified) > seconds(unmodified)) {
    throw new S3Error("PreconditionFailed");
  }
  if (none !== undefined) return matches(none, object.etag);
  return seconds(object.modified) <= seconds(modified);
}

/**
 * Conditions of a write: `If-None-Match: *` and `If-Match: <etag>` ("How to prevent object overwrites with
 * conditional writes", S3 user guide). The caller must commit in the same turn of the event loop.
 * @throws S3Error PreconditionFailed, NoSuchKey, NotImplemented
 */
export function checkWriteConditions(headers: Headers, current: StoredObject | undefined): void {
  const { "if-match": match, "if-none-match": none } = headers;
  if (none !== undefined) {
    if (none.trim() !== "*") throw new S3Error("NotImplemented");
    if (current !== undefined) throw new S3Error("PreconditionFailed");
  }
  if (match === undefined) return;
  if (current === undefined) throw new S3Error("NoSuchKey");
  if (!matches(match, current.etag)) throw new S3Error("PreconditionFailed");
}
