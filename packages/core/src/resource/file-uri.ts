import { RefusedError } from "../lib/error.ts";
import { parsePath, parseProjectName } from "../workspace/parse-path.ts";

export const FILE_PREFIX = "zenode://";
/** RFC 6570: `+` leaves the slashes of a path alone. */
export const FILE_TEMPLATE = `${FILE_PREFIX}{project}/{+path}`;

export interface FileAddress {
  readonly project: string;
  readonly path: string;
}

export function toFileUri({ project, path }: FileAddress): string {
  return `${FILE_PREFIX}${project}/${path.split("/").map(encodeURIComponent).join("/")}`;
}

/**
 * The file a URI names. The rest is decoded as one text and not parsed as a URL: `{+path}` leaves
 * `?` and `#` of a file's name as they are, and no dot segment is resolved.
 * @throws RefusedError `not_found`: what can't be an address is the address of nothing.
 */
export function parseFileUri(uri: string): FileAddress {
  const [, project, rest] = /^zenode:\/\/([^/?#]+)\/(.+)$/s.exec(uri) ?? [];
  if (project === undefined || rest === undefined) throw noFile(uri);
  try {
    return { project: parseProjectName(project), path: parsePath(decodeURIComponent(rest)) };
  } catch (cause) {
    throw noFile(uri, cause);
  }
}

/** Whether a URI names what may be a file of this project. */
export function isFileOf(project: string, uri: string): boolean {
  return uri.startsWith(`${FILE_PREFIX}${project}/`);
}

function noFile(uri: string, cause?: unknown): RefusedError {
  const shown = uri.length > 200 ? `${uri.slice(0, 200)}…` : uri;
  return new RefusedError("not_found", `${shown} names no file; the form is ${FILE_TEMPLATE}.`, {
    cause,
  });
}
