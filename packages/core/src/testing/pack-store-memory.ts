import type { Clock } from "../lib/clock.ts";
import { SECOND } from "../lib/duration.ts";
import { RefusedError } from "../lib/error.ts";
import type { PackStore } from "../workspace/pack-store.ts";

type Request = "put" | "read" | "presign" | "readUpload" | "upload" | "download" | "adopt";

interface Grant {
  readonly key: string;
  /** Of an upload; absent: the URL serves reads. */
  readonly bytes?: number;
  readonly expiresAt: number;
}

/** PackStore in memory; counts the requests that the real one would make. */
export class MemoryPackStore implements PackStore {
  readonly requests: Record<Request, number> = {
    put: 0,
    read: 0,
    presign: 0,
    readUpload: 0,
    upload: 0,
    download: 0,
    adopt: 0,
  };
  readonly #clock: Clock;
  readonly #objects = new Map<string, Uint8Array>();
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
    return [...this.#objects.values()].reduce((sum, body) => sum + body.length, 0);
  }

  /** Changes a stored object behind everybody's back: what a fault or an attacker leaves. */
  overwrite(key: string, body: Uint8Array): void {
    this.#objects.set(key, body.slice());
  }

  /** The PUT that a signed URL stands for; false when S3 would refuse it. */
  async upload(url: string, body: Uint8Array): Promise<boolean> {
    this.requests.upload++;
    const grant = this.#grants.get(url);
    if (!grant || grant.expiresAt <= this.#clock.now() || body.length !== grant.bytes) return false;
    this.#objects.set(grant.key, body.slice());
    return true;
  }

  /** The GET of a range that a signed URL stands for; undefined when S3 would refuse it. */
  async download(url: string, start: number, length: number): Promise<Uint8Array | undefined> {
    this.requests.download++;
    const grant = this.#grants.get(url);
    if (!grant || grant.expiresAt <= this.#clock.now() || grant.bytes !== undefined)
      return undefined;
    return this.#objects.get(grant.key)?.slice(start, start + length);
  }

  async put(tenant: string, project: string, pack: string, body: Uint8Array): Promise<void> {
    this.requests.put++;
    const key = packKey(tenant, project, pack);
    if (!this.#objects.has(key)) this.#objects.set(key, body.slice());
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
    const body = this.#objects.get(uploadKey(tenant, upload));
    if (!body) return undefined;
    return { size: body.length, tail: body.slice(Math.max(0, body.length - length)) };
  }

  async readUpload(tenant: string, upload: string, start: number, length: number) {
    this.requests.readUpload++;
    return this.#read(uploadKey(tenant, upload), start, length);
  }

  async adopt(tenant: string, project: string, upload: string, pack: string): Promise<void> {
    this.requests.adopt++;
    const body = this.#objects.get(uploadKey(tenant, upload));
    const key = packKey(tenant, project, pack);
    if (body) this.#objects.set(key, body);
    // A repeat may come after the upload has expired.
    else if (!this.#objects.has(key)) throw notFound(upload);
  }

  #read(key: string, start: number, length: number): Uint8Array {
    const body = this.#objects.get(key);
    if (!body) throw notFound(key);
    return body.slice(start, start + length);
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
