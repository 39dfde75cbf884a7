import * as z from "zod";

/** What the bodies of pushes and pulls are made of. */

export const blobId = z.string().regex(/^[0-9a-f]{64}$/);
export const uploadId = z.string().regex(/^upload_[0-9a-f]{32}$/);
export const packId = z.string().regex(/^pack_[0-9a-f]{32}$/);
export const projectName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/);
export const count = z.int().min(0);
