import { type PackStore, RefusedError, type UploadTail } from "@zenode/core";
import { checked, checkProject, checkTenant } from "./key.ts";
import type { S3Bucket } from "./s3-bucket.ts";

/** Ids of packs and uploads: no `/`, no leading dot, so that an id is always one segment of a key. */
const OBJECT_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
/** The longest that S3 lets a presigned URL live (Amazon S3 user guide, presigned URLs): 7 days. */
const LONGEST_SECONDS = 604_800;

/** Packs under `users/<tenant>/projects/<project>/packs/`, uploads under `temp/<tenant>/`. */
export class S3PackStore implements PackStore {
  readonly #bucket: S3Bucket;

  constructor({ bucket }: { readonly bucket: S3Bucket }) {
    this.#bucket = bucket;
  }

  async put(tenant: string, project: string, pack: string, body: Uint8Array): Promise<void> {
    await this.#bucket.put(packKey(tenant, project, pack), body, true);
  }

  async read(
    tenant: string,
    project: string,
    pack: string,
    start: number,
    length: number,
  ): Promise<Uint8Array> {
    return this.#readRange(packKey(tenant, project, pack), start, length);
  }

  async presignRead(
    tenant: string,
    project: string,
    pack: string,
    seconds: number,
  ): Promise<string> {
    const lifetime = Math.min(checkCount("lifetime", seconds), LONGEST_SECONDS);
    return this.#bucket.presignGet(packKey(tenant, project, pack), lifetime);
  }

  async presignUpload(
    tenant: string,
    upload: string,
    bytes: number,
    seconds: number,
  ): Promise<string> {
    checkCount("size of an upload", bytes);
    const lifetime = Math.min(checkCount("lifetime", seconds), LONGEST_SECONDS);
    return this.#bucket.presignPut(uploadKey(tenant, upload), bytes, lifetime);
  }

  async readUploadTail(
    tenant: string,
    upload: string,
    length: number,
  ): Promise<UploadTail | undefined> {
    const last = checkCount("length", length);
    const part = await this.#bucket.get(uploadKey(tenant, upload), { last });
    return part && { size: part.size, tail: part.body, storedAt: part.storedAt };
  }

  async readUpload(
    tenant: string,
    upload: string,
    start: number,
    length: number,
  ): Promise<Uint8Array> {
    return this.#readRange(uploadKey(tenant, upload), start, length);
  }

  async adopt(tenant: string, project: string, upload: string, pack: string): Promise<void> {
    const to = packKey(tenant, project, pack);
    if (await this.#bucket.copy(uploadKey(tenant, upload), to)) return;
    // A repeat may come after the upload has expired: then the pack is there already.
    if (!(await this.#bucket.head(to))) throw notFound();
  }

  async #readRange(key: string, start: number, length: number): Promise<Uint8Array> {
    if (checkCount("length", length) === 0) {
      if (!(await this.#bucket.head(key))) throw notFound();
      return new Uint8Array();
    }
    const range = { from: checkCount("start", start), to: start + length - 1 };
    const part = await this.#bucket.get(key, range);
    if (!part) throw notFound();
    return part.body;
  }
}

export function packKey(tenant: string, project: string, pack: string): string {
  return `${packPrefix(tenant, project)}${checked("pack id", OBJECT_ID, pack)}`;
}

export function packPrefix(tenant: string, project: string): string {
  return `users/${checkTenant(tenant)}/projects/${checkProject(project)}/packs/`;
}

function uploadKey(tenant: string, upload: string): string {
  return `temp/${checkTenant(tenant)}/${checked("upload id", OBJECT_ID, upload)}`;
}

function checkCount(what: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RefusedError("invalid_input", `${value} is no valid ${what}.`);
}

function notFound(): RefusedError {
  return new RefusedError("not_found", "There is no such pack or upload.");
}
