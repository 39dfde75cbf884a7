import type { BlobStore } from "../store/blob-store.ts";
import { BodyCheck, type BodyClaims, type BodySums } from "./body-check.ts";

/** A body that is on disk and kept what was claimed of it. */
export interface ReceivedBody extends BodySums {
  readonly blob: string;
  readonly bytes: number;
}

/** A body without its framing; `trailers` are complete once `source` has ended. */
export interface DecodedBody {
  readonly source: AsyncIterable<Buffer> | Iterable<Buffer>;
  readonly trailers: ReadonlyMap<string, string>;
}

/**
 * Writes a body to a blob nobody refers to yet and checks every claim; a refused one leaves no blob.
 * @throws S3Error BadDigest, IncompleteBody, XAmzContentSHA256Mismatch
 */
export async function receiveBody(
  body: DecodedBody,
  claims: BodyClaims,
  blobs: BlobStore,
): Promise<ReceivedBody> {
  const check = new BodyCheck(claims);
  const writer = blobs.create();
  try {
    for await (const data of body.source) {
      check.update(data);
      await writer.write(data);
    }
    const sums = check.finish(body.trailers);
    return { blob: await writer.finish(), bytes: writer.bytes, ...sums };
  } catch (cause) {
    await writer.discard();
    throw cause;
  }
}
