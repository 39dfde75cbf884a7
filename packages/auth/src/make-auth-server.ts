import type { Clock, Logger } from "@zenode/core";
import type { AwayStore } from "./authorize/away-store.ts";
import { AllClients, ConfiguredClients } from "./client/all-clients.ts";
import type { Client } from "./client/client.ts";
import type { ClientStore } from "./client/client-store.ts";
import {
  type DocumentCache,
  DocumentClients,
  type DocumentFetcher,
} from "./client/document-clients.ts";
import { ClientRegistration } from "./client/register.ts";
import { REGISTRATION_LIMITS, type RegistrationRate } from "./client/registration-rate.ts";
import { StoredClients } from "./client/stored-clients.ts";
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
  /** Clients that the operator set up. */
  readonly clients: readonly Client[];
  readonly stores: AuthStores;
  readonly documents: DocumentFetcher;
  /** For tests and local use: documents and Cognito may be asked by http on this machine. */
  readonly loopback: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly upstream: Omit<OidcUpstreamOptions, "callback" | "insecure">;
}

export interface AuthStores {
  readonly away: AwayStore;
  readonly codes: CodeStore;
  readonly families: FamilyStore;
  readonly clients: ClientStore;
  readonly rate: RegistrationRate;
  readonly documents: DocumentCache;
}

/** The authorization server of a deployment. */
export async function makeAuthServer(options: AuthServerOptions): Promise<AuthServer> {
  const { issuer, resource, scopes, stores, clock, logger, loopback } = options;
  const keys = await ServerKeys.parse(options.keys);
  const upstream = new OidcUpstream({
    ...options.upstream,
    callback: `${issuer}/oauth/callback`,
    insecure: loopback,
  });
  const stored = new StoredClients({ store: stores.clients, clock });
  const documents = { fetcher: options.documents, cache: stores.documents };
  const jwksUri = `${options.upstream.issuer}/.well-known/jwks.json`;
  return new AuthServer({
    ...{ issuer, resource, scopes, clock, keys, upstream },
    ...{ away: stores.away, families: stores.families },
    clients: new AllClients([
      new ConfiguredClients(options.clients),
      new DocumentClients({ ...documents, clock, logger, loopback }),
      stored,
    ]),
    report: (cause) => logger.error("signing in does not work now", cause),
    noteUse: (clientId) => stored.noteUse(clientId),
    registration: new ClientRegistration({
      ...{ store: stores.clients, rate: stores.rate, limits: REGISTRATION_LIMITS },
    }),
    codes: new CodeGrant({ codes: stores.codes, families: stores.families, keys, clock }),
    metadata: { issuer, jwksUri, scopes },
  });
}
