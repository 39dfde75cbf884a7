import type { Family } from "./family.ts";
import type { RefreshToken } from "./refresh-token.ts";
import type { Seal } from "./sealed-text.ts";
import type { ServerKey } from "./server-keys.ts";

/** How Cognito's refresh token lies in its family: nobody opens it without the newest token and the server's key. */
export function familySeal(
  { id, clientId, subject }: Pick<Family, "id" | "clientId" | "subject">,
  { secret }: RefreshToken,
  key: ServerKey,
): Seal {
  return { key, secret, place: [id, clientId, subject].join("\n") };
}
