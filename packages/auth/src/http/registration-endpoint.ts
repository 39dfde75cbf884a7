import { type Clock, KIB } from "@zenode/core";
import { networkOf } from "../client/network.ts";
import type { ClientRegistration } from "../client/register.ts";
import { toBase64Url } from "../token/base64url.ts";
import { derive, type ServerKeys } from "../token/server-keys.ts";
import { isUnavailable } from "../upstream/unavailable.ts";
import { json } from "./json.ts";

export interface RegistrationEndpoint {
  readonly registration: ClientRegistration;
  readonly keys: ServerKeys;
  readonly clock: Clock;
}

/** Twenty redirects of the length that they may have. */
const MAX_BYTES = 64 * KIB;

/** `POST /oauth/register`, RFC 7591 section 3. */
export async function answerRegistration(
  request: Request,
  address: string,
  { registration, keys, clock }: RegistrationEndpoint,
): Promise<Response> {
  const body = await readJson(request);
  // Who asked is not kept: only somebody with our key could tell whether it was an address.
  const hashed = toBase64Url(await derive(keys.newest, "address", networkOf(address)));
  try {
    const answer = await registration.register(body, hashed, clock.now());
    switch (answer.kind) {
      case "registered":
        return json(201, answer.information);
      case "refused":
        return json(400, answer.error);
      case "too_many":
        return json(429, TOO_MANY, { "retry-after": String(answer.retryAfterSeconds) });
    }
  } catch (cause) {
    if (!isUnavailable(cause)) throw cause;
    return json(503, { error: "temporarily_unavailable", error_description: cause.message });
  }
}

const TOO_MANY = {
  error: "temporarily_unavailable",
  error_description: "Too many clients were registered from here. Try again later.",
};

/** Undefined is no registration either: it is refused as one. */
async function readJson(request: Request): Promise<unknown> {
  const body = await request.arrayBuffer();
  if (body.byteLength > MAX_BYTES) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}
