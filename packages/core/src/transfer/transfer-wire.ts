import * as z from "zod";

/** "Where may I put a file of this size?", as it stands on the wire (JSON); the answer is an `UploadOffer`. */
export const offerUploadRequest = z.strictObject({ bytes: z.int().min(1) });
