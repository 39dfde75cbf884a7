import { digest, isSameDigest } from "./digest.ts";

/** RFC 7636 section 4.2 of S256: 43 characters of base64url. */
const CHALLENGE = /^[\w-]{43}$/;
/** RFC 7636 section 4.1. */
const VERIFIER = /^[\w.~-]{43,128}$/;

export function isChallenge(text: string): boolean {
  return CHALLENGE.test(text);
}

/** Whether a verifier is the one of a challenge, by S256. */
export async function verifies(verifier: string, challenge: string): Promise<boolean> {
  return VERIFIER.test(verifier) && isSameDigest(await digest(verifier), challenge);
}
