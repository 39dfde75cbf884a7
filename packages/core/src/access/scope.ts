/** What a token allows: `admin` includes `write`, `write` includes `read`. */
export type Scope = "read" | "write" | "admin";

export const SCOPES: readonly Scope[] = ["read", "write", "admin"];

/** The Cognito resource server whose custom scopes these are: `zenode/read`. */
export const RESOURCE_SERVER = "zenode";

/** `write` -> `zenode/write`, as it stands in tokens and challenges. */
export function toOAuthScope(scope: Scope): string {
  return `${RESOURCE_SERVER}/${scope}`;
}

/** Reads a token's space-separated scopes; those of other servers are passed over. */
export function parseScopes(claim: string): ReadonlySet<Scope> {
  const granted = new Set<Scope>();
  for (const text of claim.split(" ")) {
    const scope = SCOPES.find((known) => toOAuthScope(known) === text);
    if (scope) granted.add(scope);
  }
  return granted;
}

/** Whether the granted scopes include the one needed, by the hierarchy. */
export function allows(granted: ReadonlySet<Scope>, needed: Scope): boolean {
  const rank = SCOPES.indexOf(needed);
  return [...granted].some((scope) => SCOPES.indexOf(scope) >= rank);
}
