import { SCOPES, toOAuthScope } from "@zenode/core";
import type { Client, ClientRegistry } from "../client/client.ts";
import { matchesRedirect } from "../client/redirect-uri.ts";
import { isChallenge } from "../token/pkce.ts";

/** What a client asks a user for, checked. */
export interface AuthorizationRequest {
  readonly client: Client;
  /** As it was asked with: of a native client the port is its own. */
  readonly redirectUri: string;
  /** The client's own; it comes back as it was. Absent: it sent none. */
  readonly state?: string;
  /** PKCE's, S256. */
  readonly challenge: string;
  readonly resource: string;
  /** Ours alone, at least one: `zenode/read`. */
  readonly scopes: readonly string[];
}

/** RFC 6749 section 4.1.2.1, and RFC 8707 section 2. */
export type AuthorizationErrorCode =
  | "invalid_request"
  | "unsupported_response_type"
  | "invalid_scope"
  | "invalid_target"
  | "access_denied"
  | "server_error"
  | "temporarily_unavailable";

export type CheckedRequest =
  | { readonly kind: "request"; readonly request: AuthorizationRequest }
  /** The client is told at its redirect. */
  | {
      readonly kind: "returned";
      readonly to: Pick<AuthorizationRequest, "redirectUri" | "state">;
      readonly error: AuthorizationErrorCode;
      readonly description: string;
    }
  /** Nobody may be redirected: the user is told. */
  | { readonly kind: "refused"; readonly message: string };

export interface AuthorizationRules {
  readonly clients: ClientRegistry;
  /** The MCP endpoint: the one resource that tokens are for. */
  readonly resource: string;
  /** What may be asked for, in tokens. */
  readonly scopes: readonly string[];
}

const MAX_STATE_CHARACTERS = 4_096;
/** RFC 6749 section 3.1: none of these may come twice. */
const SINGLE = [
  "client_id",
  "redirect_uri",
  "response_type",
  "state",
  "scope",
  "code_challenge",
  "code_challenge_method",
  "resource",
];

/** Client and redirect first: until they fit, nobody is sent anywhere (OAuth 2.1 section 4.1.2.1). */
export async function checkAuthorizationRequest(
  query: URLSearchParams,
  rules: AuthorizationRules,
): Promise<CheckedRequest> {
  const twice = SINGLE.find((name) => query.getAll(name).length > 1);
  if (twice !== undefined) return refused(`The request names ${twice} more than once.`);
  const client = await rules.clients.find(query.get("client_id") ?? "");
  if (!client) return refused("The application that sent you here is not known.");
  const redirectUri = query.get("redirect_uri") ?? "";
  if (!matchesRedirect(redirectUri, client)) {
    return refused("The application wants you sent back to an address that is not its own.");
  }
  const state = query.get("state") ?? undefined;
  const fault = findFault(query, rules);
  if (fault) return { kind: "returned", to: toReturn(redirectUri, state), ...fault };
  const request = {
    ...{ client, ...toReturn(redirectUri, state), resource: rules.resource },
    challenge: query.get("code_challenge") ?? "",
    scopes: toScopes(query, rules),
  };
  return { kind: "request", request };
}

function toReturn(redirectUri: string, state: string | undefined) {
  const fits = state !== undefined && state.length <= MAX_STATE_CHARACTERS;
  return { redirectUri, ...(fits && { state }) };
}

interface Fault {
  readonly error: AuthorizationErrorCode;
  readonly description: string;
}

function findFault(query: URLSearchParams, rules: AuthorizationRules): Fault | undefined {
  const { resource } = rules;
  if (query.get("response_type") !== "code") {
    return { error: "unsupported_response_type", description: "response_type must be code." };
  }
  if ((query.get("state")?.length ?? 0) > MAX_STATE_CHARACTERS) {
    return { error: "invalid_request", description: "The state is too long." };
  }
  const isS256 = query.get("code_challenge_method") === "S256";
  if (!isS256 || !isChallenge(query.get("code_challenge") ?? "")) {
    return { error: "invalid_request", description: "PKCE with S256 is required." };
  }
  if ((query.get("resource") ?? resource) !== resource) {
    return { error: "invalid_target", description: `The resource must be ${resource}.` };
  }
  if (toScopes(query, rules).length > 0) return undefined;
  return { error: "invalid_scope", description: `Known are ${rules.scopes.join(", ")}.` };
}

/** Unknown ones are left out (RFC 6749 section 3.3 lets the server): clients ask for what others know. None: the least. */
function toScopes(query: URLSearchParams, { scopes }: AuthorizationRules): readonly string[] {
  const asked = (query.get("scope") ?? "").split(" ").filter((scope) => scope !== "");
  const ours = asked.filter((scope) => scope.startsWith("zenode/"));
  if (ours.length === 0) return [LEAST].filter((scope) => scopes.includes(scope));
  return SCOPES.map(toOAuthScope).filter((scope) => ours.includes(scope) && scopes.includes(scope));
}

const LEAST = toOAuthScope("read");

function refused(message: string): CheckedRequest {
  return { kind: "refused", message };
}

/** Where the client is told; `iss` says who tells it (RFC 9207). */
export function returnTo(
  { redirectUri, state }: Pick<AuthorizationRequest, "redirectUri" | "state">,
  answer: Readonly<Record<string, string>>,
  issuer: string,
): string {
  const added = { ...answer, ...(state !== undefined && { state }), iss: issuer };
  // As text: the client's own query stays as it wrote it.
  return `${redirectUri}${redirectUri.includes("?") ? "&" : "?"}${new URLSearchParams(added)}`;
}
