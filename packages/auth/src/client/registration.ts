import { type Id, RefusedError, SCOPES, toOAuthScope } from "@zenode/core";
import * as z from "zod";
import type { Client } from "./client.ts";
import { cleanClientName } from "./client-name.ts";
import { isLoopback, parseRedirectUri } from "./redirect-uri.ts";

/** The answer 201 (RFC 7591 section 3.2.1): what the client is from now on, which may be less than it asked for. */
export interface ClientInformation {
  readonly client_id: string;
  /** Seconds since the epoch. */
  readonly client_id_issued_at: number;
  readonly client_name?: string;
  readonly redirect_uris: readonly string[];
  readonly application_type: "native" | "web";
  readonly token_endpoint_auth_method: "none";
  readonly grant_types: readonly string[];
  readonly response_types: readonly string[];
  readonly scope?: string;
}

/** The answer 400 (RFC 7591 section 3.2.2). The description is ASCII without quotes. */
export interface RegistrationError {
  readonly error: "invalid_redirect_uri" | "invalid_client_metadata";
  readonly error_description: string;
}

export type Registration =
  | {
      readonly kind: "registered";
      readonly client: Client;
      readonly information: ClientInformation;
    }
  | { readonly kind: "refused"; readonly error: RegistrationError };

interface Identity {
  readonly id: Id<"client">;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const MAX_REDIRECTS = 20;
const GRANT_TYPES: readonly string[] = ["authorization_code", "refresh_token"];
const RESPONSE_TYPES: readonly string[] = ["code"];
const OUR_SCOPES: readonly string[] = [...SCOPES.map(toOAuthScope), "offline_access"];
/** `cursor://…`, `com.example.app:/…` (RFC 8252 section 7.1). */
const OWN_SCHEME = /^([a-z][a-z0-9+.-]*):\/{1,2}[\x21-\x7e]+$/i;
/** Schemes of browsers: nobody's own. */
const BROWSER_SCHEME =
  /^(?:https?|wss?|ftp|file|filesystem|blob|data|javascript|vbscript|view-source)$/i;

/** What is read of a request; other fields are passed over (RFC 7591 section 2). Null is absent. */
const registrationRequest = z.object({
  redirect_uris: z.array(z.string()).min(1).max(MAX_REDIRECTS),
  client_name: z.string().nullish(),
  application_type: z.string().nullish(),
  grant_types: z.array(z.string()).nullish(),
  response_types: z.array(z.string()).nullish(),
  scope: z.string().nullish(),
});
type RegistrationRequest = z.infer<typeof registrationRequest>;

/**
 * Reads a request to register. Every client is public: whatever way to authenticate it asks for, the answer says `none`
 * (RFC 7591 section 3.2.1 lets it), because several ask for a secret by default and go on without, and a secret that
 * anybody can have by asking proves nothing.
 */
export function parseRegistration(body: unknown, identity: Identity): Registration {
  const { success, data, error } = registrationRequest.safeParse(body);
  if (!success) return refused(toShapeError(error.issues[0]?.path[0]));
  const unserved = unservedType(data);
  if (unserved) return refused({ error: "invalid_client_metadata", error_description: unserved });
  const redirectUris = parseRedirectUris(data.redirect_uris);
  if (typeof redirectUris === "string") {
    return refused({ error: "invalid_redirect_uri", error_description: redirectUris });
  }
  return toRegistration(data, redirectUris, identity);
}

function toRegistration(
  { client_name, application_type, scope }: RegistrationRequest,
  redirectUris: readonly string[],
  { id, now }: Identity,
): Registration {
  const name = cleanClientName(client_name ?? "");
  const scopes = OUR_SCOPES.filter((one) => scope?.split(" ").includes(one));
  const native = isNative(application_type, redirectUris);
  return {
    kind: "registered",
    client: {
      ...{ id, kind: "registered", redirectUris, native },
      ...(name !== undefined && { name }),
    },
    information: {
      client_id: id,
      client_id_issued_at: Math.floor(now / 1000),
      ...(name !== undefined && { client_name: name }),
      redirect_uris: redirectUris,
      application_type: native ? "native" : "web",
      token_endpoint_auth_method: "none",
      grant_types: GRANT_TYPES,
      response_types: RESPONSE_TYPES,
      ...(scopes.length > 0 && { scope: scopes.join(" ") }),
    },
  };
}

/**
 * Who doesn't say is native if all its redirects are on the user's machine: command-line clients register one port and come
 * back with another, and nothing on the web can be found there.
 */
function isNative(asked: string | null | undefined, redirectUris: readonly string[]): boolean {
  if (asked === "native" || asked === "web") return asked === "native";
  return redirectUris.every(isLoopback);
}

/**
 * A text says why there are none. Redirects with a scheme of the client's own are left out while others remain: Cursor
 * registers one beside its https and loopback redirects, and uses what the answer names.
 */
function parseRedirectUris(asked: readonly string[]): readonly string[] | string {
  const others = asked.filter((uri) => !hasOwnScheme(uri));
  const considered = others.length > 0 ? others : asked;
  for (const uri of considered) {
    const refusal = refusalOf(uri);
    if (refusal !== undefined) return `redirect_uris[${asked.indexOf(uri)}]: ${refusal}`;
  }
  return [...new Set(considered)];
}

function refusalOf(uri: string): string | undefined {
  try {
    parseRedirectUri(uri);
    return undefined;
  } catch (cause) {
    if (cause instanceof RefusedError) return cause.message;
    throw cause;
  }
}

function hasOwnScheme(uri: string): boolean {
  const scheme = OWN_SCHEME.exec(uri)?.[1];
  return scheme !== undefined && !BROWSER_SCHEME.test(scheme);
}

/** Why a client that lists what it will use could use nothing here. */
function unservedType({ grant_types, response_types }: RegistrationRequest): string | undefined {
  if (grant_types?.length && !grant_types.includes("authorization_code")) {
    return "grant_types: this server has authorization_code and refresh_token; the first of them is needed.";
  }
  if (response_types?.length && !response_types.includes("code")) {
    return "response_types: this server has code alone.";
  }
  return undefined;
}

function toShapeError(field: PropertyKey | undefined): RegistrationError {
  if (field === "redirect_uris") {
    const error_description = `redirect_uris: a list of 1 to ${MAX_REDIRECTS} redirects is needed.`;
    return { error: "invalid_redirect_uri", error_description };
  }
  const error_description =
    field === undefined
      ? "The body is a JSON object with redirect_uris (RFC 7591 section 2)."
      : `${String(field)} is not of the type that RFC 7591 section 2 gives it.`;
  return { error: "invalid_client_metadata", error_description };
}

function refused(error: RegistrationError): Registration {
  return { kind: "refused", error };
}
