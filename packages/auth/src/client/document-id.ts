import { RefusedError } from "@zenode/core";
import { isHostName } from "./host-name.ts";

export interface DocumentIdRules {
  /** For tests and local use: http at 127.0.0.1 is let in too. */
  readonly loopback: boolean;
}

const MAX_CHARACTERS = 2048;
const LOOPBACK = "127.0.0.1";
/** Names that are nobody's on the public internet (RFC 6761, 6762, 7686, 3172; ICANN's `internal`): they are not even looked up. */
const LOCAL_NAME = /\.(?:localhost|local|internal|onion|arpa)$/;
/** What a path consists of (RFC 3986, `pchar`), without percent-encoding: that spells one path in many ways. */
const PATH = /^\/[\w.~!$&'()*+,;=:@/-]+$/;
const HTTPS_PORT = 443;
/** Below are services of other protocols: they are not to be spoken to in our name. */
const FIRST_FREE_PORT = 1024;

/**
 * The URL of a client's metadata document (draft-ietf-oauth-client-id-metadata-document section 2), if it may be
 * fetched. Ids are compared as strings, so only the normal form is taken. A query, which the draft advises against, is
 * refused: it makes any number of ids out of one document, and requests that change something more likely.
 * @throws RefusedError `invalid_input`.
 */
export function parseDocumentId(clientId: string, { loopback }: DocumentIdRules): URL {
  if (clientId.length > MAX_CHARACTERS) throw refused("it is longer than 2,048 characters");
  const url = URL.parse(clientId);
  if (!url) throw refused("it is no URL");
  if (url.href !== clientId) throw refused("it is not in its normal form");
  // An empty query or fragment is none to the parser, but part of the string.
  if (/[?#]/.test(clientId)) throw refused("it has a query or a fragment");
  if (url.username !== "" || url.password !== "") throw refused("it names a user");
  const isLocal = loopback && url.hostname === LOOPBACK && /^https?:$/.test(url.protocol);
  if (!isLocal) checkPublic(url);
  if (!PATH.test(url.pathname)) throw refused("it needs a path of unescaped characters");
  return url;
}

function checkPublic(url: URL): void {
  if (url.protocol !== "https:") throw refused("it is not https");
  if (!isHostName(url.hostname) || LOCAL_NAME.test(url.hostname)) {
    throw refused("its host has no public name");
  }
  const port = url.port === "" ? HTTPS_PORT : Number(url.port);
  if (port !== HTTPS_PORT && port < FIRST_FREE_PORT) throw refused("its port is not one of https");
}

function refused(why: string): RefusedError {
  return new RefusedError(
    "invalid_input",
    `This client_id is not the URL of a metadata document: ${why}. Use one like https://app.example.com/client.json.`,
  );
}
