import { createHash, randomBytes } from "node:crypto";

/** A random bearer secret of 384 bits, base64url. */
export function newSecretToken(): string {
  return randomBytes(48).toString("base64url");
}

/** What is stored of a bearer secret. It has full entropy, so a plain hash is enough. */
export function hashSecretToken(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
