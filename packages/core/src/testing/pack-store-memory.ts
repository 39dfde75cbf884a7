import type { Clock } from "../lib/clock.ts";
import { SECOND } from "../lib/duration.ts";
import { RefusedError } from "../lib/error.ts";
import type { PackInventory, StoredPack } from "../workspace/collect/pack-inventory.ts";
import type { PackStore } from "../workspace/pack-store.ts";

type Request =
  | "put"
  | "read"
  | "presign"
  | "readUpload"
  | "upload"
  | "download"
  | "adopt"
  | "list"
  | "remove";

interface Grant {
  readonly key: string;
  /** Of an upload; absent: the URL serves reads. */
  readonly bytes?: number;
  readonly expiresAt: number;
}

interface StoredObject {
  readonly body: Uint8Array;
  readonly storedAt: number;
}

/** PackStore in memory, and the collector's side of it; counts the requests that the real ones would make. */
export class MemoryPackStore implements PackStore, PackInventory {
  readonly requests: Record<Request, number> = {
    put: 0,
    read: 0,
    presign: 0,
    readUpload: 0,
    upload: 0,
    download: 0,
    adopt: 0,
    list: 0,
    remove: 0,
  };
  readonly #clock: Clock;
  readonly #objects = new Map<string, StoredObject>();
  readonly #grants = new Map<string, Grant>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keys of all objects, sorted. */
  keys(): readonly string[] {
    return [...this.#objects.keys()].sort();
  }

  /** Bytes of all objects. */
  get bytes(): number {
    return [...this.#objects.values()].reduce((sum, { body }) => sum + body.length, 0);
  }

  /** Changes a stored object behind everybody's back: what a fault or an attacker leaves. */
  overwrite(key: string, body: Uint8Array): void {
    this.#store(key, body);
  }

  /** The PUT that a signed URL stands for; false when S3 would refuse it. */
  async upload(url: string, body: Uint8Array): Promise<boolean> {
    this.requests.upload++;
    const grant = this.#grants.get(url);
    if (!grant || grant.expiresAt <= this.#clock.now() || body.length !== grant.bytes) return false;
    this.#store(grant.key, body);
    return true;
  }

  /** The GET of a range that a signed URL stands for; undefined when S3 would refuse it. */
  async download(url: string, start: number, length: number): Promise<Uint8Array | undefined> {
    this.requests.download++;
    const grant = this.#grants.get(url);
    if (!grant || grant.expiresAt <= this.#clock.now() || grant.bytes !== undefined)
      return undefined;
    return this.#objects.get(grant.key)?.body.slice(start, start + length);
  }

  async put(tenant: string, project: string, pack: string, body: Uint8Array): Promise<void> {
    this.requests.put++;
    const key = packKey(tenant, project, pack);
    if (!this.#objects.has(key)) this.#store(key, body);
  }

  async read(tenant: string, project: string, pack: string, start: number, length: number) {
    this.requests.read++;
    return this.#read(packKey(tenant, project, pack), start, length);
  }

  async presignUpload(tenant: string, upload: string, bytes: number, seconds: number) {
    this.requests.presign++;
    const url = `memory://${crypto.randomUUID()}`;
    const expiresAt = this.#clock.now() + seconds * SECOND;
    this.#grants.set(url, { key: uploadKey(tenant, upload), bytes, expiresAt });
    return url;
  }

  async presignRead(tenant: string, project: string, pack: string, seconds: number) {
    this.requests.presign++;
    const url = `memory://${crypto.randomUUID()}`;
    const expiresAt = this.#clock.now() + seconds * SECOND;
    this.#grants.set(url, { key: packKey(tenant, project, pack), expiresAt });
    return url;
  }

  async readUploadTail(tenant: string, upload: string, length: number) {
    this.requests.readUpload++;
    const object = this.#objects.get(uploadKey(tenant, upload));
    if (!object) return undefined;
    const { body, storedAt } = object;
    return { size: body.length, tail: body.slice(Math.max(0, body.length - length)), storedAt };
  }

  async readUpload(tenant: string, upload: string, start: number, length: number) {
    this.requests.readUpload++;
    return this.#read(uploadKey(tenant, upload), start, length);
  }

  async adopt(tenant: string, project: string, upload: string, pack: string): Promise<void> {
    this.requests.adopt++;
    const source = this.#objects.get(uploadKey(tenant, upload));
    const key = packKey(tenant, project, pack);
    if (source) this.#store(key, source.body);
    // A repeat may come after the upload has expired.
    else if (!this.#objects.has(key)) throw notFound(upload);
  }

  async *list(tenant: string, project: string): AsyncGenerator<readonly StoredPack[]> {
    this.requests.list++;
    const prefix = packKey(tenant, project, "");
    yield [...this.#objects]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, { body, storedAt }]) => ({
        id: key.slice(prefix.length),
        bytes: body.length,
        storedAt,
      }));
  }

  async remove(tenant: string, project: string, ids: readonly string[]): Promise<void> {
    this.requests.remove++;
    for (const id of ids) this.#objects.delete(packKey(tenant, project, id));
  }

  #store(key: string, body: Uint8Array): void {
    this.#objects.set(key, { body: body.slice(), storedAt: this.#clock.now() });
  }

  #read(key: string, start: number, length: number): Uint8Array {
    const object = this.#objects.get(key);
    if (!object) throw notFound(key);
    return object.body.slice(start, start + length);
  }
}

function packKey(tenant: string, project: string, pack: string): string {
  return `users/${tenant}/projects/${project}/packs/${pack}`;
}

function uploadKey(tenant: string, upload: string): string {
  return `temp/${tenant}/${upload}`;
}

function notFound(what: string): RefusedError {
  return new RefusedError("not_found", `${what} is not in the store.`);
}
