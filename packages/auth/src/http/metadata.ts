/** RFC 8414 section 3.2, also as OpenID clients read it. */
export interface ServerMetadata {
  readonly issuer: string;
  /** The user pool's keys sign the tokens that are handed out. */
  readonly jwksUri: string;
  readonly scopes: readonly string[];
}

export function toMetadata({ issuer, jwksUri, scopes }: ServerMetadata) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    registration_endpoint: `${issuer}/oauth/register`,
    jwks_uri: jwksUri,
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    code_challenge_methods_supported: ["S256"],
    token_endpoint_auth_methods_supported: ["none"],
    revocation_endpoint_auth_methods_supported: ["none"],
    scopes_supported: scopes,
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: true,
  };
}
