/** Names one object of a user's: keys are made of checked parts, never of a client's text. */
export interface TransferName {
  readonly tenant: string;
  /** Hex digits that stand for the user; nobody else's names have them. */
  readonly owner: string;
  readonly id: string;
}

/**
 * What comes and goes past the server: objects in the bucket, `temp/<tenant>/transfers/<owner>/<id>`, which the
 * bucket's lifecycle removes after two days.
 */
export interface TransferStore {
  /** A URL that takes exactly `bytes` bytes by PUT for so long. */
  presignUpload(name: TransferName, bytes: number, seconds: number): Promise<string>;
  /** Undefined: nothing was put there, or it is kept no longer. */
  size(name: TransferName): Promise<number | undefined>;
  /** `length` bytes from `start`. @throws RefusedError `not_found`. */
  read(name: TransferName, start: number, length: number): Promise<Uint8Array>;
  /**
   * Stores what `content` gives, and of it one part at a time in memory: whole and durable when this resolves, else
   * nothing. @throws what `content` throws; RefusedError `too_large` over `maxBytes`.
   */
  write(name: TransferName, content: AsyncIterable<Uint8Array>, maxBytes: number): Promise<number>;
  /** A URL that serves it by GET for so long, as a download of that file name. */
  presignDownload(name: TransferName, fileName: string, seconds: number): Promise<string>;
}
