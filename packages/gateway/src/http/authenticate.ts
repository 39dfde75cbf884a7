import { type AccessTokenClaims, type Principal, toPrincipal } from "@zenode/core";
import { problem } from "./problem.ts";

/** Checks a Cognito access token: signature, issuer, expiry, token_use, audience, client. */
export type TokenVerifier = (
  token: string,
) => Promise<
  | { readonly kind: "valid"; readonly claims: AccessTokenClaims }
  | { readonly kind: "expired" | "invalid"; readonly message: string }
>;

/**
 * The caller of a request, or the 401 that tells a client how to sign in (RFC 6750 section 3,
 * RFC 9728 section 5.1). The gateway's authorizer has checked the token before; this holds where it is not in front.
 */
export async function authenticate(
  request: Request,
  verify: TokenVerifier,
  resourceMetadataUrl: string,
): Promise<Principal | Response> {
  const [scheme, token] = (request.headers.get("authorization") ?? "").split(" ", 2);
  const challenge = `Bearer resource_metadata="${resourceMetadataUrl}", scope="zenode/read"`;
  if (scheme?.toLowerCase() !== "bearer" || !token) {
    return problem(401, "unauthorized", "Sign in first: this address takes a bearer token.", {
      "www-authenticate": challenge,
    });
  }
  const checked = await verify(token);
  if (checked.kind === "valid") return toPrincipal(checked.claims);
  const invalid = `${challenge}, error="invalid_token"`;
  return problem(401, "invalid_token", checked.message, { "www-authenticate": invalid });
}
