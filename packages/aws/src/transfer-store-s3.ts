import { MIB, RefusedError, type TransferName, type TransferStore } from "@zenode/core";
import { checked, checkTenant } from "./key.ts";
import type { S3Bucket } from "./s3-bucket.ts";

/** Of one part of a multipart upload: S3 takes 5 MiB to 5 GiB, 10,000 of them. */
const PART_BYTES = 8 * MIB;
const OWNER = /^[0-9a-f]{32}$/;
const ID = /^(?:upload|export)_[0-9a-f]{32}$/;

/** Objects `temp/<tenant>/transfers/<owner>/<id>`. */
export class S3TransferStore implements TransferStore {
  readonly #bucket: S3Bucket;

  constructor({ bucket }: { readonly bucket: S3Bucket }) {
    this.#bucket = bucket;
  }

  presignUpload(name: TransferName, bytes: number, seconds: number): Promise<string> {
    return this.#bucket.presignPut(keyOf(name), bytes, seconds);
  }

  async size(name: TransferName): Promise<number | undefined> {
    return (await this.#bucket.head(keyOf(name)))?.size;
  }

  async read(name: TransferName, start: number, length: number): Promise<Uint8Array> {
    const part = await this.#bucket.get(keyOf(name), { from: start, to: start + length - 1 });
    if (part) return part.body;
    throw new RefusedError("not_found", "The upload is not there any more.");
  }

  async write(
    name: TransferName,
    content: AsyncIterable<Uint8Array>,
    maxBytes: number,
  ): Promise<number> {
    const key = keyOf(name);
    const parts = inParts(content, maxBytes);
    const first = await parts.next();
    const body = first.done ? new Uint8Array() : first.value;
    if (body.length < PART_BYTES) {
      await this.#bucket.put(key, body, false);
      return body.length;
    }
    // Parts of an upload that is broken off are removed by the bucket's lifecycle.
    const upload = await this.#bucket.beginParts(key);
    let bytes = 0;
    for await (const part of withFirst(body, parts)) {
      await upload.put(part);
      bytes += part.length;
    }
    await upload.complete();
    return bytes;
  }

  presignDownload(name: TransferName, fileName: string, seconds: number): Promise<string> {
    const plain = checked("file name", /^[A-Za-z0-9._-]{1,200}$/, fileName);
    return this.#bucket.presignGet(keyOf(name), seconds, `attachment; filename="${plain}"`);
  }
}

function keyOf({ tenant, owner, id }: TransferName): string {
  const folder = `temp/${checkTenant(tenant)}/transfers`;
  return `${folder}/${checked("owner", OWNER, owner)}/${checked("transfer id", ID, id)}`;
}

/** The same bytes in pieces of one size, the last one smaller. @throws RefusedError `too_large`. */
async function* inParts(
  content: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let part = Buffer.allocUnsafe(PART_BYTES);
  let [filled, bytes] = [0, 0];
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    for (let at = 0; at < chunk.length; ) {
      const taken = Math.min(chunk.length - at, PART_BYTES - filled);
      part.set(chunk.subarray(at, at + taken), filled);
      at += taken;
      filled += taken;
      if (filled < PART_BYTES) continue;
      yield part;
      part = Buffer.allocUnsafe(PART_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}

async function* withFirst(
  first: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

function tooLarge(maxBytes: number): RefusedError {
  return new RefusedError("too_large", `It would have over ${maxBytes} bytes.`);
}
