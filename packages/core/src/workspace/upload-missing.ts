import { RefusedError } from "../lib/error.ts";
import { CHUNKED_BYTES } from "./limits.ts";
import { type Offer, READ_BYTES_AT_ONCE, READS_AT_ONCE } from "./push-source.ts";
import { readAhead } from "./read-ahead.ts";
import { type Uploaded, type UploadOrder, UploadSeries } from "./upload-series.ts";

/**
 * Packs what the server lacks and uploads it, less what an earlier push has; the uploads that a commit needs. With `begun`
 * some of it has been added to a series already.
 */
export async function uploadMissing(
  missing: readonly string[],
  offers: ReadonlyMap<string, Offer>,
  order: UploadOrder & { readonly begun?: UploadSeries | undefined },
): Promise<{ readonly uploads: string[]; readonly uploaded: Uploaded }> {
  const series = order.begun ?? (await UploadSeries.open(order));
  try {
    const left = missing.filter((blob) => !series.has(blob));
    for await (const { blob, kind, content } of readOffers(left, offers)) {
      await series.add(blob, content, kind);
    }
    const isChunked = (blob: string) => (offers.get(blob)?.bytes ?? 0) > CHUNKED_BYTES;
    return await series.end(new Set(missing), missing.some(isChunked));
  } finally {
    await series.settle();
  }
}

function readOffers(missing: readonly string[], offers: ReadonlyMap<string, Offer>) {
  const wanted = missing.map((blob) => {
    const offer = offers.get(blob);
    if (offer) return { blob, offer };
    throw new RefusedError("corrupt", `The server asked for ${blob}, which was not offered.`);
  });
  const weight = { max: READ_BYTES_AT_ONCE, of: (one: { offer: Offer }) => one.offer.bytes };
  return readAhead(wanted, { items: READS_AT_ONCE, weight }, async ({ blob, offer }) => ({
    blob,
    kind: offer.kind,
    content: await offer.read(),
  }));
}
