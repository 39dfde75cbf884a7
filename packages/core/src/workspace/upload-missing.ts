import * as z from "zod";
import { RefusedError } from "../lib/error.ts";
import { addFile } from "./add-file.ts";
import type { Codec } from "./codec.ts";
import { CHUNKED_BYTES } from "./limits.ts";
import { fillPacks } from "./pack-series.ts";
import type { WrittenPack } from "./pack-writer.ts";
import type { PushTransport } from "./push-client.ts";
import { type Offer, READ_BYTES_AT_ONCE, READS_AT_ONCE } from "./push-source.ts";
import { readAhead } from "./read-ahead.ts";
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

export interface UploadOrder {
  readonly project: string;
  readonly transport: PushTransport;
  readonly codec: Codec;
  /** Which blobs the project lacks: chunks of files that it lacks. */
  readonly lacks: (blobs: readonly string[]) => Promise<readonly string[]>;
  readonly journal?: UploadJournal;
  readonly onUpload?: (uploaded: Uploaded) => void;
}

export interface Uploaded {
  readonly blobs: number;
  readonly packs: number;
  readonly bytes: number;
}

/** Packs what the server lacks and uploads it, less what an earlier push has; the uploads that a commit needs. */
export async function uploadMissing(
  missing: readonly string[],
  offers: ReadonlyMap<string, Offer>,
  order: UploadOrder,
): Promise<{ readonly uploads: string[]; readonly uploaded: Uploaded }> {
  const wanted = new Set(missing);
  const pending = await listPending(wanted, offers, order);
  // Of the chunks that the files wanted are made of, those that are there already.
  const sent = new Set(pending.flatMap(({ blobs }) => blobs));
  for (const blob of sent) wanted.delete(blob);
  const uploads = pending.map(({ upload }) => upload);
  const uploaded = { blobs: 0, packs: 0, bytes: 0 };
  const store = async ({ body, blobs }: WrittenPack) => {
    const upload = await uploadPack(body, order);
    await order.journal?.add({ upload, blobs });
    uploads.push(upload);
    uploaded.packs++;
    uploaded.blobs += blobs.length;
    uploaded.bytes += body.length;
    order.onUpload?.(uploaded);
  };
  const stored = async (chunks: readonly string[]) => {
    const lacked = new Set(await order.lacks(chunks.filter((blob) => !sent.has(blob))));
    const known = new Set(chunks.filter((blob) => !lacked.has(blob)));
    for (const blob of chunks) sent.add(blob);
    return known;
  };
  await fillPacks(order.codec, store, async (packs) => {
    for await (const { blob, kind, content } of readOffers([...wanted], offers)) {
      if (kind === "tree") await packs.add(blob, content, kind);
      else await addFile(packs, { blob, content }, { codec: order.codec, stored });
    }
  });
  return { uploads, uploaded };
}

/** Earlier uploads that hold something wanted; where files are in chunks, these may lie in any of them. */
async function listPending(
  wanted: ReadonlySet<string>,
  offers: ReadonlyMap<string, Offer>,
  { journal }: UploadOrder,
): Promise<readonly PendingUpload[]> {
  const isLarge = (blob: string) => (offers.get(blob)?.bytes ?? 0) > CHUNKED_BYTES;
  const anyLarge = [...wanted].some(isLarge);
  const pending = (await journal?.list()) ?? [];
  return pending.filter(({ blobs }) => anyLarge || blobs.some((blob) => wanted.has(blob)));
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

async function uploadPack(body: Uint8Array, { project, transport }: UploadOrder): Promise<string> {
  const { uploads } = await transport.upload({ project, packs: [body.length] });
  const [target] = uploads;
  if (!target) throw new RefusedError("unavailable", "The server gave no place for a pack.");
  await transport.put(target.url, body);
  return target.upload;
}
