import { structured } from "@zenode/core";
import { needTransfers } from "../project/need-transfers.ts";
import { refusalToFailure } from "../project/refusal-to-failure.ts";

export const run = refusalToFailure<{ readonly bytes: number }>(async ({ bytes }, context) => {
  const { expiresAt, ...offer } = await needTransfers(context).offerUpload(bytes);
  const expires_at = new Date(expiresAt).toISOString();
  const lines = [
    `Send the file, until ${expires_at}: curl --fail --upload-file FILE '${offer.url}'`,
    `Then call import_repository with upload: ${offer.upload}`,
  ];
  return structured({ ...offer, expires_at }, lines.join("\n"));
});
