import { createHash, timingSafeEqual } from "node:crypto";
import type { ClientTemplate } from "../template.ts";
import type { PoolRequest } from "./pool-request.ts";
import { findClient, type UserPool } from "./user-pool.ts";

/**
 * The app client a token or revocation request comes from, by `client_secret_basic` or
 * `client_secret_post`; a public client names itself only. Undefined for `invalid_client`.
 */
export function authenticateClient(
  pool: UserPool,
  request: PoolRequest,
  form: URLSearchParams,
): ClientTemplate | undefined {
  const basic = readBasic(request.headers.authorization);
  const named = form.get("client_id");
  const clientId = basic?.clientId ?? named;
  if (named !== null && named !== clientId) return undefined;
  const client = findClient(pool, clientId);
  const secret = basic?.secret ?? form.get("client_secret") ?? undefined;
  return client !== undefined && secretMatches(client.secret, secret) ? client : undefined;
}

function readBasic(header: string | undefined): { clientId: string; secret: string } | undefined {
  const encoded = header?.match(/^Basic ([A-Za-z0-9+/=]+)$/i)?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, "base64").toString("utf8");
  const colon = pair.indexOf(":");
  return colon < 0 ? undefined : { clientId: pair.slice(0, colon), secret: pair.slice(colon + 1) };
}

/** A client without a secret that sends one is refused too. */
function secretMatches(expected: string | undefined, given: string | undefined): boolean {
  if (expected === undefined || given === undefined) return expected === given;
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(expected), digest(given));
}
