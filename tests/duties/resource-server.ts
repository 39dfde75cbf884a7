import { type Duty, design, legacy, modern, rfc, section } from "./duty.ts";

const { must, should } = section("resource", ["modern", "legacy"]);
const AUTHORIZATION = modern("basic/authorization");
const DISCOVERY = modern("basic/authorization/authorization-server-discovery");
const SECURITY = modern("basic/authorization/security-considerations");

/** Authorization: the MCP endpoint as a resource server. */
export const RESOURCE_SERVER: readonly Duty[] = [
  must("metadata", "RFC 9728 metadata names at least one authorization server.", rfc(9728, "2")),
  must(
    "discovery",
    "The challenge names the metadata document, and the well-known URL has it.",
    DISCOVERY,
  ),
  must(
    "well-known-paths",
    "The document is at the path form for /mcp; the root form has it too.",
    rfc(9728, "3.1"),
  ),
  must("unknown-documents", "Well-known documents that do not exist are 404.", rfc(9728, "3.2")),
  must(
    "canonical",
    "resource is the canonical URI: no fragment, no trailing slash, no stage.",
    modern("basic/authorization#canonical-server-uri"),
  ),
  must(
    "unauthorized",
    "A missing, invalid or expired token is 401 with WWW-Authenticate: Bearer resource_metadata.",
    AUTHORIZATION,
  ),
  should("unauthorized-scope", "The 401 challenge names the scopes that would do.", AUTHORIZATION),
  must(
    "insufficient-scope",
    "Too little scope is 403, insufficient_scope, with everything the operation needs in one challenge.",
    modern("basic/authorization#scope-challenge-handling"),
  ),
  must("scope-hierarchy", "A larger scope includes the smaller ones.", AUTHORIZATION),
  must(
    "malformed",
    "A malformed authorization request is refused: 400, or 401 where a gateway answers first.",
    AUTHORIZATION,
  ),
  should("minimal-scopes", "scopes_supported is what clients need.", AUTHORIZATION),
  should(
    "no-offline-access",
    "offline_access stands neither in the metadata nor in a challenge.",
    AUTHORIZATION,
  ),
  must(
    "validated",
    "Signature, issuer, expiry and not-before of the token are checked on every request.",
    modern("basic/authorization#token-handling"),
  ),
  must("audience", "Only tokens issued for this resource are taken.", SECURITY),
  must("no-passthrough", "The client's token goes to no other service.", SECURITY),
  must(
    "no-query",
    "A token in the query string counts for nothing.",
    modern("basic/authorization#token-requirements"),
  ),
  must(
    "handles",
    "A session id, task id or event id is no authentication; each is bound to its principal.",
    modern("basic/authorization/security-considerations"),
  ),
  must(
    "no-shared-cache",
    "cacheScope is public only for what is the same for everyone.",
    modern("server/utilities/caching#security-considerations"),
  ),
  must("both-eras", "POST, GET and DELETE of both eras get the same challenge.", AUTHORIZATION),
  must(
    "legacy-scopes",
    "Scopes of tools, prompts and resources are checked on the legacy leg too.",
    legacy("basic/authorization"),
  ),
  should(
    "cors",
    "A page may read WWW-Authenticate and Mcp-Session-Id and send every header of the protocol.",
    design("stacks"),
  ),
];
