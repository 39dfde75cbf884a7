import { isId, type PartName, RefusedError, type ResultStore } from "@zenode/core";
import { checkTenant } from "./key.ts";
import type { S3Bucket } from "./s3-bucket.ts";

/** Parts of results as objects `temp/<tenant>/results/<task id>/<fence>/<part>`; the bucket's lifecycle removes them. */
export class S3ResultStore implements ResultStore {
  readonly #bucket: S3Bucket;

  constructor({ bucket }: { readonly bucket: S3Bucket }) {
    this.#bucket = bucket;
  }

  async put(tenant: string, name: PartName, text: string): Promise<void> {
    await this.#bucket.put(partKey(tenant, name), new TextEncoder().encode(text), false);
  }

  async get(tenant: string, name: PartName): Promise<string | undefined> {
    const object = await this.#bucket.get(partKey(tenant, name));
    return object && new TextDecoder("utf-8", { ignoreBOM: true }).decode(object.body);
  }
}

function partKey(tenant: string, { id, fence, part }: PartName): string {
  const isValid = isId("task", id) && [fence, part].every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!isValid) throw new RefusedError("invalid_input", "This is no part of a result.");
  return `temp/${checkTenant(tenant)}/results/${id}/${fence}/${part}`;
}
