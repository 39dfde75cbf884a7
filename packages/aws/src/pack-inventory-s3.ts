import type { PackInventory, StoredPack } from "@zenode/core/storage";
import { packKey, packPrefix } from "./pack-store-s3.ts";
import type { S3Bucket } from "./s3-bucket.ts";

/** A project's packs as S3 lists them. */
export class S3PackInventory implements PackInventory {
  readonly #bucket: S3Bucket;

  constructor({ bucket }: { readonly bucket: S3Bucket }) {
    this.#bucket = bucket;
  }

  async *list(tenant: string, project: string): AsyncGenerator<readonly StoredPack[]> {
    const prefix = packPrefix(tenant, project);
    for await (const page of this.#bucket.list(prefix)) {
      yield page.map(({ key, size, storedAt }) => ({
        id: key.slice(prefix.length),
        bytes: size,
        storedAt,
      }));
    }
  }

  async remove(tenant: string, project: string, ids: readonly string[]): Promise<void> {
    await this.#bucket.remove(ids.map((id) => packKey(tenant, project, id)));
  }
}
