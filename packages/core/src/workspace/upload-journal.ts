import * as z from "zod";
import { blobId, count, uploadId } from "./wire-types.ts";

/** An upload that no commit has taken yet. */
export interface PendingUpload {
  readonly upload: string;
  /** Ids of the blobs in it. */
  readonly blobs: readonly string[];
}

/** Remembers uploads beyond the process, so that a push that was cut goes on where it was. */
export interface UploadJournal {
  /** Of earlier pushes; the store may have dropped them meanwhile. */
  list(): Promise<readonly PendingUpload[]>;
  add(upload: PendingUpload): Promise<void>;
  clear(): Promise<void>;
}

const uploadsFile = z.array(z.object({ upload: uploadId, blobs: z.array(blobId), at: count }));

/** A journal as it is stored; a damaged one is empty. */
export function parsePendingUploads(
  text: string,
): readonly (PendingUpload & { readonly at: number })[] {
  try {
    return uploadsFile.parse(JSON.parse(text));
  } catch {
    return [];
  }
}
