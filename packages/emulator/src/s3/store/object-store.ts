import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { EmulatorClock } from "../../clock.ts";
import type { BucketTemplate } from "../../template.ts";
import { S3Error } from "../s3-error.ts";
import { BlobStore } from "./blob-store.ts";
import { BucketIndex } from "./bucket-index.ts";
import { openDatabase, transact } from "./database.ts";
import { Lifecycle, writtenUntil } from "./lifecycle.ts";
import { type ListedObject, ObjectIndex, type StoredObject } from "./object-index.ts";
import { type UploadedPart, UploadIndex } from "./upload-index.ts";

/** Index and blobs together: each change is one transaction, blobs are removed after it. */
export class ObjectStore {
  readonly blobs: BlobStore;
  readonly buckets: BucketIndex;
  readonly uploads: UploadIndex;
  readonly #database: DatabaseSync;
  readonly #objects: ObjectIndex;
  readonly #lifecycle: Lifecycle;
  readonly #clock: EmulatorClock;
  readonly #hiding: ReadonlySet<string>;

  constructor(dir: string, buckets: readonly BucketTemplate[], clock: EmulatorClock) {
    mkdirSync(dir, { recursive: true });
    this.#database = openDatabase(join(dir, "index.db"));
    this.#objects = new ObjectIndex(this.#database);
    this.#lifecycle = new Lifecycle(buckets);
    this.#clock = clock;
    this.#hiding = new Set(buckets.filter((one) => one.hidesMissing).map(({ name }) => name));
    this.blobs = new BlobStore(join(dir, "blobs"), this.#database);
    this.buckets = new BucketIndex(this.#database);
    this.uploads = new UploadIndex(this.#database);
    this.blobs.sweep(new Set([...this.#objects.blobs(), ...this.uploads.blobs()]));
    for (const { name, cors } of buckets) {
      const there = this.buckets.get(name);
      if (there && cors === undefined) continue;
      const created = there?.created ?? clock.now();
      this.buckets.put({ name, created, ...(cors && { cors }) });
    }
  }

  /** Milliseconds since the epoch, on the emulator's clock. */
  now(): number {
    return this.#clock.now();
  }

  /** The object, unless its lifecycle is over. */
  get(bucket: string, key: string): StoredObject | undefined {
    const object = this.#objects.get(bucket, key);
    return object === undefined || this.#expired(bucket, object) ? undefined : object;
  }

  /** As `get`. @throws S3Error NoSuchKey, or AccessDenied where that is hidden. */
  find(bucket: string, key: string): StoredObject {
    const object = this.get(bucket, key);
    if (object !== undefined) return object;
    throw new S3Error(this.#hiding.has(bucket) ? "AccessDenied" : "NoSuchKey");
  }

  /** Puts the object in the place of `key`'s last one; `completes` ends that multipart upload with it. */
  put(object: StoredObject, completes?: string): void {
    const used = new Set(object.parts.map((part) => part.blob));
    const freed = transact(this.#database, () => {
      const last = this.#objects.get(object.bucket, object.key)?.parts ?? [];
      const parts = completes === undefined ? [] : this.uploads.parts(completes);
      this.#objects.put(object);
      if (completes !== undefined) this.uploads.delete(completes);
      return [...last, ...parts].map((part) => part.blob).filter((blob) => !used.has(blob));
    });
    this.blobs.remove(freed);
  }

  delete(bucket: string, keys: readonly string[]): void {
    const freed = transact(this.#database, () =>
      keys.flatMap((key) => {
        const parts = this.#objects.get(bucket, key)?.parts ?? [];
        this.#objects.delete(bucket, key);
        return parts.map((part) => part.blob);
      }),
    );
    this.blobs.remove(freed);
  }

  /** Ends a multipart upload without an object. */
  abort(upload: string): void {
    const freed = transact(this.#database, () => {
      const parts = this.uploads.parts(upload);
      this.uploads.delete(upload);
      return parts.map((part) => part.blob);
    });
    this.blobs.remove(freed);
  }

  /** At most `limit` (-1: all) objects from the key `from` on, also those that are only waiting for the sweep. */
  *listFrom(
    bucket: string,
    from: string,
    limit: number,
  ): Generator<ListedObject & { readonly expired: boolean }> {
    for (const object of this.#objects.listFrom(bucket, from, limit)) {
      yield { ...object, expired: this.#expired(bucket, object) };
    }
  }

  /** Deletes a bucket with its unfinished uploads; false: it still has objects. */
  deleteBucket(bucket: string): boolean {
    this.sweep();
    for (const _ of this.#objects.listFrom(bucket, "", 1)) return false;
    for (const { id } of this.uploads.listAfter(bucket, { key: "", id: "" }, -1)) this.abort(id);
    this.buckets.delete(bucket);
    return true;
  }

  /** Puts a part in the place of the last one with its number. */
  putPart(upload: string, part: UploadedPart): void {
    const last = this.uploads.part(upload, part.number);
    this.uploads.putPart(upload, part);
    if (last !== undefined) this.blobs.remove([last.blob]);
  }

  /** Deletes what the lifecycle rules have ended; returns how many objects. */
  sweep(): number {
    let swept = 0;
    for (const { name } of this.buckets.list()) {
      for (const { prefix, days } of this.#lifecycle.rules(name)) {
        const until = writtenUntil(days, this.now());
        const keys = this.#objects.keysWrittenUntil(name, prefix, until);
        if (keys.length > 0) this.delete(name, keys);
        swept += keys.length;
      }
    }
    return swept;
  }

  /** When the object vanishes (ms since the epoch), undefined without a rule for it. */
  expiry(object: StoredObject): number | undefined {
    return this.#lifecycle.expiry(object.bucket, object.key, object.modified);
  }

  close(): void {
    this.#database.close();
  }

  #expired(bucket: string, object: Pick<StoredObject, "key" | "modified">): boolean {
    const expiry = this.#lifecycle.expiry(bucket, object.key, object.modified);
    return expiry !== undefined && expiry <= this.now();
  }
}
