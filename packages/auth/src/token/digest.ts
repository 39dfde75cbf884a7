import { toBase64Url } from "./base64url.ts";

const encoder = new TextEncoder();

/** SHA-256 in base64url: what is kept of codes, states and tokens, and what a PKCE challenge is (RFC 7636 section 4.2). */
export async function digest(text: string): Promise<string> {
  return toBase64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text))));
}

/** Whether two digests are the same; takes as long wherever they differ. */
export function isSameDigest(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let at = 0; at < a.length; at++) difference |= a.charCodeAt(at) ^ b.charCodeAt(at);
  return difference === 0;
}
