/** Scopes Cognito knows by itself. */
const STANDARD = new Set(["openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"]);
/** These add claims to an identity token, so Cognito wants `openid` with them. */
const NEED_OPENID = ["email", "phone", "profile"];

interface ScopeRequest {
  /** The `scope` parameter: names separated by spaces; empty or absent asks for all the client may have. */
  readonly asked: string | null;
  /** What the client is allowed. */
  readonly allowed: readonly string[];
  /** `<identifier>/<scope>` of the pool's resource servers. */
  readonly custom: ReadonlySet<string>;
}

/** The scopes a user's sign-in gets, or undefined for `invalid_scope`. */
export function userScopes({
  asked,
  allowed,
  custom,
}: ScopeRequest): readonly string[] | undefined {
  const scopes = split(asked) ?? allowed;
  const known = scopes.every(
    (scope) => allowed.includes(scope) && (STANDARD.has(scope) || custom.has(scope)),
  );
  const openid = scopes.includes("openid") || !scopes.some((scope) => NEED_OPENID.includes(scope));
  return known && openid ? scopes : undefined;
}

/** The scopes of `client_credentials`: custom ones only; undefined for `invalid_scope`. */
export function clientScopes({
  asked,
  allowed,
  custom,
}: ScopeRequest): readonly string[] | undefined {
  const scopes = split(asked) ?? allowed.filter((scope) => custom.has(scope));
  return scopes.every((scope) => allowed.includes(scope) && custom.has(scope)) ? scopes : undefined;
}

function split(asked: string | null): readonly string[] | undefined {
  const scopes = (asked ?? "").split(" ").filter((scope) => scope !== "");
  return scopes.length === 0 ? undefined : [...new Set(scopes)];
}
