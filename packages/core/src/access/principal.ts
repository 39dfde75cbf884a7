import { parseScopes, type Scope } from "./scope.ts";

/** Who calls: made from a checked access token, once, at the border. */
export interface Principal {
  /** Isolation boundary of all data; `[a-z0-9-]{1,64}`, safe in keys. */
  readonly tenant: string;
  /** The token's `sub`. */
  readonly subject: string;
  readonly username: string;
  readonly clientId: string;
  readonly issuer: string;
  readonly scopes: ReadonlySet<Scope>;
  /** When the token ends, milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Claims of a Cognito access token that matter here, already verified. */
export interface AccessTokenClaims {
  readonly sub: string;
  readonly iss: string;
  readonly client_id: string;
  readonly exp: number;
  readonly scope?: string;
  readonly username?: string;
  readonly "cognito:groups"?: readonly string[];
}

const TENANT_GROUP = /^tenant-([a-z0-9-]{1,57})$/;

/**
 * A user in the group `tenant-<name>` works in the tenant `t-<name>`, anybody else in a tenant of
 * their own, `u-<subject>`. With several such groups the first in alphabetical order counts.
 */
export function toPrincipal(claims: AccessTokenClaims): Principal {
  const shared = [...(claims["cognito:groups"] ?? [])]
    .sort()
    .map((group) => TENANT_GROUP.exec(group)?.[1]);
  const name = shared.find((match) => match !== undefined);
  return {
    tenant:
      name === undefined
        ? `u-${claims.sub
            .toLowerCase()
            .replaceAll(/[^a-z0-9-]/g, "-")
            .slice(0, 62)}`
        : `t-${name}`,
    subject: claims.sub,
    username: claims.username ?? claims.sub,
    clientId: claims.client_id,
    issuer: claims.iss,
    scopes: parseScopes(claims.scope ?? ""),
    expiresAt: claims.exp * 1000,
  };
}
