/**
 * Packs and uploads: objects in the bucket. Keys are made here from checked parts, never from a
 * client's text: `users/<tenant>/projects/<project>/packs/<pack>` and `temp/<tenant>/<upload>`.
 */
export interface PackStore {
  /** Stores a pack under its id; repeatable, an existing pack of that id is left as it is. */
  put(tenant: string, project: string, pack: string, body: Uint8Array): Promise<void>;
  /** `length` bytes from `start`. @throws RefusedError `not_found`. */
  read(
    tenant: string,
    project: string,
    pack: string,
    start: number,
    length: number,
  ): Promise<Uint8Array>;
  /** A URL that serves this one pack by GET, ranges of it too, for so long. Whether it is there is not looked at. */
  presignRead(tenant: string, project: string, pack: string, seconds: number): Promise<string>;
  /** A URL that takes exactly `bytes` bytes by PUT, once signed, until `expiresAt`. */
  presignUpload(tenant: string, upload: string, bytes: number, seconds: number): Promise<string>;
  /** The last `length` bytes of an upload. Undefined: not there. */
  readUploadTail(tenant: string, upload: string, length: number): Promise<UploadTail | undefined>;
  /** `length` bytes of an upload from `start`. @throws RefusedError `not_found`. */
  readUpload(tenant: string, upload: string, start: number, length: number): Promise<Uint8Array>;
  /** Makes an upload a pack, by copy inside the store; repeatable. */
  adopt(tenant: string, project: string, upload: string, pack: string): Promise<void>;
}

export interface UploadTail {
  /** Of the whole upload. */
  readonly size: number;
  readonly tail: Uint8Array;
  /** When it came. Milliseconds since the epoch. */
  readonly storedAt: number;
}
