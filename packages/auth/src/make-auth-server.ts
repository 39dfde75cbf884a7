import type { Clock } from "@zenode/core";
import type { AwayStore } from "./authorize/away-store.ts";
import type { ClientRegistry } from "./client/client.ts";
import { AuthServer } from "./http/auth-server.ts";
import type { CodeStore } from "./token/authorization-code.ts";
import { CodeGrant } from "./token/code-grant.ts";
import type { FamilyStore } from "./token/family.ts";
import { ServerKeys } from "./token/server-keys.ts";
import { OidcUpstream, type OidcUpstreamOptions } from "./upstream/oidc-upstream.ts";

export interface AuthServerOptions {
  /** Our origin and what of the path is the stage's: `https://zenode.example`; no slash at the end. */
  readonly issuer: string;
  /** The MCP endpoint. */
  readonly resource: string;
  /** What clients may ask for, in tokens. */
  readonly scopes: readonly string[];
  /** Secrets of ours, see `ServerKeys`. */
  readonly keys: string;
  readonly clients: ClientRegistry;
  /** Whether `clients` knows those that register, and those with a document: the metadata says so. */
  readonly registration: boolean;
  readonly documents: boolean;
  readonly away: AwayStore;
  readonly codes: CodeStore;
  readonly families: FamilyStore;
  readonly clock: Clock;
  readonly upstream: Omit<OidcUpstreamOptions, "callback">;
}

/** The authorization server of a deployment. */
export async function makeAuthServer(options: AuthServerOptions): Promise<AuthServer> {
  const { issuer, resource, scopes, clients, registration, documents, families, clock } = options;
  const keys = await ServerKeys.parse(options.keys);
  const upstream = new OidcUpstream({ ...options.upstream, callback: `${issuer}/oauth/callback` });
  const jwksUri = `${options.upstream.issuer}/.well-known/jwks.json`;
  return new AuthServer({
    ...{ issuer, resource, scopes, clients, families, clock, keys, upstream },
    away: options.away,
    codes: new CodeGrant({ codes: options.codes, families, keys, clock }),
    metadata: { issuer, jwksUri, scopes, registration, documents },
  });
}
