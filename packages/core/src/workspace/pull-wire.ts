import * as z from "zod";
import { MAX_PACK_BYTES, MAX_SNAPSHOT_PACKS } from "./limits.ts";
import { blobId, count, packId, projectName } from "./wire-types.ts";

/** The body of a pull's one request and its answer, as they stand on the wire (JSON). */

const number = z.int().min(1);

/** "What is the newest snapshot, and where may I read it?" */
export const beginPullRequest = z.strictObject({
  project: projectName,
  /** This one instead of the newest. */
  snapshot: number.optional(),
  /** The snapshot that the client has: if it is the newest, no packs are told. */
  known: number.optional(),
});

export const beginPullResponse = z.object({
  snapshot: number,
  /** Number of the newest. */
  head: number,
  root: blobId,
  /** Root of `known`, while that snapshot is kept: a client that has another root has another project (`isOtherProject`). */
  knownRoot: blobId.optional(),
  files: count,
  bytes: count,
  author: z.string(),
  message: z.string(),
  /** Milliseconds since the epoch. */
  createdAt: count,
  /** Every blob of the snapshot lies in one of these; newest first. `url` serves ranges of it by GET for some minutes. */
  packs: z
    .array(
      z.object({
        id: packId,
        bytes: count.max(MAX_PACK_BYTES),
        indexBytes: count.max(MAX_PACK_BYTES),
        url: z.string(),
      }),
    )
    .max(MAX_SNAPSHOT_PACKS),
});

export type BeginPullRequest = Readonly<z.infer<typeof beginPullRequest>>;
export type BeginPullResponse = Readonly<z.infer<typeof beginPullResponse>>;
