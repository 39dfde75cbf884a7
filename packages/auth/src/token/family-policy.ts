import { SECOND } from "@zenode/core";
import { isSameDigest } from "./digest.ts";
import type { Family } from "./family.ts";

/** Requests that race, and answers that got lost: the token before the newest is taken for so long. */
export const GRACE_MS = 30 * SECOND;

/**
 * `newest`: the family moves on. `again`: it was moved by this very token a moment ago, and answers as it did then.
 * `reused`: a token that was used long ago, so somebody has a copy. `revoked`: nothing is good any more.
 */
export type TokenStanding = "newest" | "again" | "reused" | "revoked";

/** RFC 9700 section 4.14.2. `hash` is of a token that says that it is of this family. */
export function judgeToken(family: Family, hash: string, now: number): TokenStanding {
  if (family.revoked) return "revoked";
  if (isSameDigest(hash, family.hash)) return "newest";
  const isPrevious = isSameDigest(hash, family.previousHash ?? "");
  return isPrevious && now - family.movedAt <= GRACE_MS ? "again" : "reused";
}
