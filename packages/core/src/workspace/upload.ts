import type { Clock } from "../lib/clock.ts";
import { HOUR } from "../lib/duration.ts";
import { RefusedError } from "../lib/error.ts";
import type { Codec } from "./codec.ts";
import { MAX_ENTRIES, MAX_PACK_BYTES } from "./limits.ts";
import { Pack } from "./pack.ts";
import { decodePackIndex } from "./pack-index.ts";
import type { PackStore } from "./pack-store.ts";
import { decodeTrailer, TRAILER_BYTES } from "./pack-trailer.ts";
import { readAhead } from "./read-ahead.ts";
import type { ReaderCaches } from "./reader-caches.ts";
import type { PackReference } from "./snapshot-store.ts";

/** Most indexes come with the first request for this much of an upload's end. */
const TAIL_BYTES = 512 * 1024;
const UPLOADS_AT_ONCE = 4;
/**
 * An older upload is not adopted any more. An upload is always the same pack, so the collector may already have found that
 * pack with no record that names it: it removes none that is younger than `LONGEST_CALL_MS`.
 */
const ADOPTED_WITHIN_MS = 12 * HOUR;

/** A client's pack in temp/, its index checked. */
export interface Upload {
  readonly id: string;
  readonly pack: Pack;
}

export interface UploadsOptions {
  readonly tenant: string;
  readonly store: PackStore;
  readonly codec: Codec;
  readonly clock: Clock;
  /** Of this call only: an upload may be overwritten until its URL ends. */
  readonly caches: ReaderCaches;
}

/** @throws RefusedError `expired` when one is not there, `invalid_input` when one is no pack. */
export async function openUploads(
  ids: readonly string[],
  options: UploadsOptions,
): Promise<readonly Upload[]> {
  const uploads: Upload[] = [];
  let blobs = 0;
  for await (const upload of readAhead(ids, { items: UPLOADS_AT_ONCE }, (id) =>
    openUpload(id, options),
  )) {
    blobs += (await upload.pack.index()).blobs;
    // Twice what one snapshot can hold bounds the memory that indexes take here.
    if (blobs > 2 * MAX_ENTRIES)
      throw new RefusedError("too_large", "The uploads hold too many blobs.");
    uploads.push(upload);
  }
  return uploads;
}

async function openUpload(id: string, options: UploadsOptions): Promise<Upload> {
  try {
    return await readUploadIndex(id, options);
  } catch (cause) {
    if (!(cause instanceof RefusedError) || cause.code !== "corrupt") throw cause;
    throw new RefusedError("invalid_input", `The upload ${id} is no pack: ${cause.message}`, {
      cause,
    });
  }
}

async function readUploadIndex(
  id: string,
  { tenant, store, codec, clock, caches }: UploadsOptions,
): Promise<Upload> {
  const end = await store.readUploadTail(tenant, id, TAIL_BYTES);
  if (!end || clock.now() - end.storedAt > ADOPTED_WITHIN_MS) {
    throw new RefusedError("expired", `The upload ${id} is not there any more. Push again.`);
  }
  const { size, tail } = end;
  if (size > MAX_PACK_BYTES) throw new RefusedError("too_large", `The upload ${id} is too large.`);
  const indexBytes = decodeTrailer(tail, size).indexBytes + TRAILER_BYTES;
  const whole =
    indexBytes <= tail.length
      ? tail
      : await store.readUpload(tenant, id, size - indexBytes, indexBytes);
  const index = decodePackIndex(whole, size, codec);
  const key = `${tenant}/${id}`;
  caches.indexes.set(key, Promise.resolve(index), 0);
  const read = (start: number, length: number) => store.readUpload(tenant, id, start, length);
  return { id, pack: new Pack({ key, bytes: size, indexBytes, read }, codec, caches) };
}

/** The pack that an upload becomes: the same upload is always the same pack, so adopting may be repeated. */
export function toPackReference({ id, pack }: Upload): PackReference {
  const { bytes, indexBytes } = pack.source;
  return { id: id.replace(/^upload_/, "pack_"), bytes, indexBytes };
}
