import * as z from "zod";
import { MAX_BLOBS_PER_REQUEST, MAX_PACK_BYTES, MAX_UPLOADS_PER_PUSH } from "./limits.ts";
import { blobId, count, projectName as project, uploadId } from "./wire-types.ts";

/** The bodies of a push's three requests and their answers, as they stand on the wire (JSON). */

/** "Which of these blobs do you lack?" Asked several times for more than 50,000. */
export const beginPushRequest = z.strictObject({
  project,
  blobs: z.array(blobId).max(MAX_BLOBS_PER_REQUEST),
});

export const beginPushResponse = z.object({
  /** Number of the head; 0 while the project does not exist. */
  base: count,
  /** The head's root tree. */
  root: blobId.optional(),
  /** Those of `blobs` that the head's packs don't hold, in their order. */
  missing: z.array(blobId),
});

/** "Where may I put packs of these sizes?" */
export const uploadPacksRequest = z.strictObject({
  project,
  packs: z.array(z.int().min(1).max(MAX_PACK_BYTES)).min(1).max(MAX_UPLOADS_PER_PUSH),
});

export const uploadPacksResponse = z.object({
  /** One for each size, in order: PUT exactly `bytes` bytes to `url`, without any further header. */
  uploads: z.array(z.object({ upload: uploadId, url: z.string(), bytes: count })),
});

/** "Make this root the new head." */
export const commitPushRequest = z.strictObject({
  project,
  /** The head's number as `begin` told it. */
  base: count,
  root: blobId,
  uploads: z.array(uploadId).max(MAX_UPLOADS_PER_PUSH),
  message: z.string().max(2_000),
});

export const commitPushResponse = z.object({
  kind: z.enum(["committed", "unchanged"]),
  snapshot: count,
  files: count,
  bytes: count,
});

export type BeginPushRequest = Readonly<z.infer<typeof beginPushRequest>>;
export type BeginPushResponse = Readonly<z.infer<typeof beginPushResponse>>;
export type UploadPacksRequest = Readonly<z.infer<typeof uploadPacksRequest>>;
export type UploadPacksResponse = Readonly<z.infer<typeof uploadPacksResponse>>;
export type CommitPushRequest = Readonly<z.infer<typeof commitPushRequest>>;
export type CommitPushResponse = Readonly<z.infer<typeof commitPushResponse>>;
