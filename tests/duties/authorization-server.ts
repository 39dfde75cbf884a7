import { type Duty, modern, rfc, section, sep } from "./duty.ts";

const { must, should, may } = section("issuer", ["modern", "legacy"], "issue 6");
const DISCOVERY = modern("basic/authorization/authorization-server-discovery");
const REGISTRATION = modern("basic/authorization/client-registration");
const SECURITY = modern("basic/authorization/security-considerations");
const ENTERPRISE = sep(990);

/** Authorization: the server in front of Cognito. */
export const AUTHORIZATION_SERVER: readonly Duty[] = [
  must("metadata", "RFC 8414 metadata or OIDC discovery, at every place clients look.", DISCOVERY),
  must("identical", "issuer is byte for byte what the resource metadata names.", rfc(8414, "3.3")),
  must("announces-s256", "The metadata has code_challenge_methods_supported with S256.", DISCOVERY),
  should(
    "announces-rest",
    "The metadata names iss in answers, CIMD, registration, authentication methods, scopes and keys.",
    DISCOVERY,
  ),
  must(
    "cimd-document",
    "A CIMD's client_id is its own URL and it has a name and redirects.",
    REGISTRATION,
  ),
  must("cimd-redirect", "The redirect stands in the client's document.", REGISTRATION),
  should("cimd-cache", "Documents are cached as their HTTP headers say.", sep(991)),
  must(
    "cimd-fetch",
    "Fetching a document reaches no private address and follows no redirect.",
    SECURITY,
  ),
  must("cimd-shows-host", "The consent page shows the redirect's host.", SECURITY),
  should("cimd-localhost", "The consent page warns when every redirect is localhost.", SECURITY),
  may("cimd-domains", "Documents may be limited to a list of domains.", SECURITY),
  should(
    "dcr",
    "Dynamic registration takes native and web public clients and answers 201.",
    rfc(7591, "3.2.1"),
  ),
  must(
    "dcr-redirects",
    "Registration refuses redirects that are neither https nor loopback.",
    REGISTRATION,
  ),
  should("dcr-bounded", "Registrations are rate-limited, and unused ones expire.", REGISTRATION),
  must(
    "redirect-exact",
    "The redirect matches the registration before anything else happens.",
    SECURITY,
  ),
  must("loopback-port", "A loopback redirect may have any port.", rfc(8252, "7.3")),
  must("pkce", "PKCE with S256 is required.", SECURITY),
  must("resource", "resource is one of ours, and the code is bound to it.", rfc(8707, "2")),
  should("iss", "Answers to the redirect carry iss, errors too.", rfc(9207, "2")),
  must("consent", "Consent is asked per client before the user goes upstream.", SECURITY),
  must("consent-page", "The consent page has a CSRF token and can't be framed.", SECURITY),
  must(
    "consent-cookie",
    "Consent cookies are __Host-, HttpOnly, signed, bound to the client.",
    SECURITY,
  ),
  must("state", "The upstream state is random, single use, and set only after consent.", SECURITY),
  must("codes", "Codes work once, for a minute, for what they were made for.", rfc(6749, "4.1.2")),
  should("code-reuse", "A code used twice revokes what it gave.", rfc(6749, "4.1.2")),
  must(
    "token-checks",
    "PKCE, redirect, client and resource are checked at the token endpoint.",
    rfc(6749, "4.1.3"),
  ),
  must("no-store", "Token answers are not stored.", rfc(6749, "5.1")),
  should("short-lived", "Access tokens are short-lived.", SECURITY),
  must(
    "rotation",
    "Refresh tokens of public clients rotate, and reuse revokes the family.",
    SECURITY,
  ),
  must("no-widening", "A refresh keeps scopes and resource.", rfc(6749, "6")),
  may("offline-access", "offline_access may stand in this server's scopes_supported.", sep(2207)),
  must("no-leak", "Identity and upstream tokens never leave the server.", SECURITY),
  must(
    "client-credentials",
    "Client credentials are for pre-registered clients, with a resource.",
    sep(1046),
  ),
  must("client-assertion", "aud, exp and jti of a client's assertion are checked.", rfc(7523, "3")),
  must(
    "enterprise-grant",
    "An ID-JAG is checked: typ, iss, aud, client_id, resource, exp, jti, sub.",
    ENTERPRISE,
  ),
];
