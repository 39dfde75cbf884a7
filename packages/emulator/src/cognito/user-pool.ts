import type { ClientTemplate, Place, UserPoolTemplate } from "../template.ts";
import type { AuthorizationCodes } from "./authorization-codes.ts";
import type { BrowserSessionStore } from "./browser-session-store.ts";
import type { RefreshTokenStore } from "./refresh-token-store.ts";
import type { SigningKeys } from "./signing-keys.ts";
import type { TokenIssuer } from "./token-issuer.ts";
import type { UserDirectory } from "./user-directory.ts";

/** One running pool: what it was told to be, and what it keeps. */
export interface UserPool {
  readonly template: UserPoolTemplate;
  readonly publicOrigin: () => string;
  readonly place: Place;
  /** `http://127.0.0.1:<port>`: the pool's domain. */
  readonly endpoint: string;
  /** `<endpoint>/<pool id>`, the `iss` of every token. */
  readonly issuer: string;
  readonly keys: SigningKeys;
  readonly users: UserDirectory;
  readonly codes: AuthorizationCodes;
  readonly refreshTokens: RefreshTokenStore;
  readonly browserSessions: BrowserSessionStore;
  readonly tokens: TokenIssuer;
}

export function findClient(pool: UserPool, clientId: string | null): ClientTemplate | undefined {
  const client = pool.template.clients.find((one) => one.clientId === clientId);
  if (client === undefined) return undefined;
  const origin = pool.publicOrigin();
  const callbackUrls = client.callbackUrls.map((url) => url.replace("{origin}", origin));
  return { ...client, callbackUrls };
}

/** All `<identifier>/<scope>` of the pool's resource servers. */
export function customScopes(pool: UserPool): ReadonlySet<string> {
  return new Set(
    pool.template.resourceServers.flatMap(({ identifier, scopes }) =>
      scopes.map((scope) => `${identifier}/${scope}`),
    ),
  );
}
