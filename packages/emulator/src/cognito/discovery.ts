import type { Reply } from "./reply.ts";
import type { UserPool } from "./user-pool.ts";

/** `/<pool id>/.well-known/jwks.json` */
export function jwksDocument({ keys }: UserPool): Reply {
  return document({ keys: [keys.id.publicJwk, keys.access.publicJwk] });
}

/**
 * `/<pool id>/.well-known/openid-configuration` with the fields real pools have: neither
 * `code_challenge_methods_supported` nor `registration_endpoint` is among them.
 */
export function openidConfiguration({ endpoint, issuer }: UserPool): Reply {
  return document({
    authorization_endpoint: `${endpoint}/oauth2/authorize`,
    end_session_endpoint: `${endpoint}/logout`,
    id_token_signing_alg_values_supported: ["RS256"],
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    response_types_supported: ["code", "token"],
    revocation_endpoint: `${endpoint}/oauth2/revoke`,
    scopes_supported: ["openid", "email", "phone", "profile"],
    subject_types_supported: ["public"],
    token_endpoint: `${endpoint}/oauth2/token`,
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    userinfo_endpoint: `${endpoint}/oauth2/userInfo`,
  });
}

function document(value: unknown): Reply {
  return {
    status: 200,
    headers: { "content-type": "application/json", "cache-control": "public, max-age=86400" },
    body: JSON.stringify(value),
  };
}
