import { SCOPES, toOAuthScope } from "@zenode/core";
import type { ClientRegistry } from "../client/client.ts";
import type { CodeGrant } from "../token/code-grant.ts";
import { refuse, type TokenAnswer, type TokenErrorCode } from "../token/oauth-answer.ts";
import type { RefreshGrant } from "../token/refresh-grant.ts";
import { isUnavailable } from "../upstream/unavailable.ts";
import { readForm } from "./form.ts";
import { json } from "./json.ts";

export interface TokenEndpoint {
  readonly clients: ClientRegistry;
  readonly codes: CodeGrant;
  readonly refreshes: RefreshGrant;
}

/** `POST /oauth/token`, RFC 6749 sections 4.1.3 and 6. */
export async function answerToken(request: Request, endpoint: TokenEndpoint): Promise<Response> {
  const form = await readForm(request);
  if (typeof form === "string") return toResponse(refuse("invalid_request", form));
  try {
    return toResponse(await grant(form, endpoint));
  } catch (cause) {
    if (!isUnavailable(cause)) throw cause;
    return toResponse(refuse("temporarily_unavailable", cause.message));
  }
}

/** `POST /oauth/revoke`, RFC 7009: 200 whatever the token was. */
export async function answerRevocation(
  request: Request,
  { clients, refreshes }: TokenEndpoint,
): Promise<Response> {
  const form = await readForm(request);
  if (typeof form === "string") return toResponse(refuse("invalid_request", form));
  try {
    const clientId = await knownClient(form, clients);
    if (clientId === undefined) return toResponse(UNKNOWN_CLIENT);
    await refreshes.revoke(form.get("token") ?? "", clientId);
    return json(200, {});
  } catch (cause) {
    if (!isUnavailable(cause)) throw cause;
    return toResponse(refuse("temporarily_unavailable", cause.message));
  }
}

const UNKNOWN_CLIENT = refuse("invalid_client", "This client is not known. Register it again.");

/**
 * Who registered is told when it is forgotten, so that it does so again. A client's document is not fetched here: a sign-in
 * must not end because its host is away; codes and tokens are bound to the id.
 */
async function knownClient(
  form: URLSearchParams,
  clients: ClientRegistry,
): Promise<string | undefined> {
  const id = form.get("client_id") ?? "";
  return /^https?:/.test(id) ? id : (await clients.find(id))?.id;
}

async function grant(form: URLSearchParams, endpoint: TokenEndpoint): Promise<TokenAnswer> {
  const clientId = await knownClient(form, endpoint.clients);
  if (clientId === undefined) return UNKNOWN_CLIENT;
  const resource = form.get("resource");
  const shared = { clientId, ...(resource !== null && { resource }) };
  switch (form.get("grant_type")) {
    case "authorization_code":
      return endpoint.codes.redeem({
        ...shared,
        code: form.get("code") ?? "",
        redirectUri: form.get("redirect_uri") ?? "",
        verifier: form.get("code_verifier") ?? "",
      });
    case "refresh_token": {
      const scopes = ourScopes(form.get("scope"));
      return endpoint.refreshes.refresh({
        ...shared,
        refreshToken: form.get("refresh_token") ?? "",
        ...(scopes && { scopes }),
      });
    }
    default:
      return refuse("unsupported_grant_type", "Known are authorization_code and refresh_token.");
  }
}

function ourScopes(text: string | null): readonly string[] | undefined {
  const asked = text?.split(" ").filter((scope) => scope !== "");
  const known = SCOPES.map(toOAuthScope);
  return asked?.filter((scope) => known.includes(scope));
}

const STATUS: Readonly<Partial<Record<TokenErrorCode, number>>> = {
  invalid_client: 401,
  temporarily_unavailable: 503,
};

function toResponse(answer: TokenAnswer): Response {
  if (answer.kind === "refused") {
    const { error, description } = answer;
    return json(STATUS[error] ?? 400, { error, error_description: description });
  }
  return json(200, {
    access_token: answer.accessToken,
    token_type: "Bearer",
    expires_in: answer.expiresIn,
    refresh_token: answer.refreshToken,
    scope: answer.scopes.join(" "),
  });
}
