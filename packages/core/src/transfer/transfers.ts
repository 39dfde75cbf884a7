import type { Principal } from "../access/principal.ts";
import { allows, type Scope } from "../access/scope.ts";
import { MIB } from "../lib/bytes.ts";
import type { Clock } from "../lib/clock.ts";
import { HOUR, SECOND } from "../lib/duration.ts";
import { RefusedError } from "../lib/error.ts";
import { isId, newId } from "../lib/id.ts";
import type { Writing } from "../workspace/change/writing.ts";
import type { Codec } from "../workspace/codec.ts";
import { readAhead } from "../workspace/read-ahead.ts";
import type { TransferName, TransferStore } from "./transfer-store.ts";

/** Of an upload and of an export: S3 takes 5 GB in one PUT, and a project holds 2 GiB. */
export const MAX_TRANSFER_BYTES = 3072 * MIB;
/** For an upload to begin, and for an export to be fetched. */
const URL_SECONDS = HOUR / SECOND;

const READ_BYTES = 8 * MIB;
const READS_AT_ONCE = 3;

/** Where somebody may put one file. */
export interface UploadOffer {
  /** The handle; of use to the same user only. */
  readonly upload: string;
  /** PUT exactly `bytes` bytes to it, without any further header. */
  readonly url: string;
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A file that can be fetched. */
export interface Download {
  readonly url: string;
  readonly bytes: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** What a user brings and takes past the server. */
export interface Transfers {
  /** @throws RefusedError `forbidden`, `too_large` (one file, or no room for it, or the day's uploads), `invalid_input`. */
  offerUpload(bytes: number): Promise<UploadOffer>;
  /**
   * An upload that has arrived. @throws RefusedError `forbidden`; `not_found`: also for another user's.
   */
  openUpload(upload: string): Promise<OpenUpload>;
  /**
   * Stores a file and says where it can be fetched. @throws as `TransferStore.write`; RefusedError `forbidden`,
   * `too_large` (the day's exports).
   */
  publish(file: PublishedFile): Promise<Download>;
}

export interface PublishedFile {
  readonly name: string;
  readonly content: AsyncIterable<Uint8Array>;
  /** About as many as the content has: it is counted before it is made. */
  readonly expectedBytes: number;
}

export interface OpenUpload {
  readonly bytes: number;
  /** From the first byte on. */
  readonly content: AsyncIterable<Uint8Array>;
}

export interface StoredTransfersOptions {
  readonly principal: Principal;
  readonly store: TransferStore;
  readonly codec: Codec;
  readonly clock: Clock;
  /** What may be stored, asked before an upload is. */
  readonly writing: () => Promise<Pick<Writing, "storage">>;
}

/**
 * Transfers over the store. A user's objects lie under a name made from who they are, so a handle says nothing to
 * anybody else: to them there is no such object.
 */
export class StoredTransfers implements Transfers {
  readonly #options: StoredTransfersOptions;

  constructor(options: StoredTransfersOptions) {
    this.#options = options;
  }

  async offerUpload(bytes: number): Promise<UploadOffer> {
    this.#need("write");
    if (!Number.isSafeInteger(bytes) || bytes < 1) {
      throw new RefusedError("invalid_input", `${bytes} is no number of bytes.`);
    }
    if (bytes > MAX_TRANSFER_BYTES) {
      throw new RefusedError(
        "too_large",
        `An upload has at most ${MAX_TRANSFER_BYTES} bytes; this would have ${bytes}.`,
      );
    }
    const { store, principal, writing } = this.#options;
    await (await writing()).storage.admitUpload(principal.tenant, bytes);
    const upload = newId("upload");
    const url = await store.presignUpload(this.#name(upload), bytes, URL_SECONDS);
    return { upload, url, bytes, expiresAt: this.#expiry() };
  }

  async openUpload(upload: string): Promise<OpenUpload> {
    this.#need("write");
    const name = isId("upload", upload) ? this.#name(upload) : undefined;
    const bytes = name && (await this.#options.store.size(name));
    if (name && bytes !== undefined) return { bytes, content: this.#read(name, bytes) };
    throw new RefusedError(
      "not_found",
      "There is no such upload: nothing has arrived under this handle, it is older than two days, or it is not yours.",
    );
  }

  async publish({ name: fileName, content, expectedBytes }: PublishedFile): Promise<Download> {
    this.#need("read");
    const { store, principal, writing } = this.#options;
    await (await writing()).storage.admitExport(principal.tenant, expectedBytes);
    const name = this.#name(newId("export"));
    const bytes = await store.write(name, content, MAX_TRANSFER_BYTES);
    const url = await store.presignDownload(name, fileName, URL_SECONDS);
    return { url, bytes, expiresAt: this.#expiry() };
  }

  async *#read(name: TransferName, bytes: number): AsyncGenerator<Uint8Array> {
    const starts = Array.from(
      { length: Math.ceil(bytes / READ_BYTES) },
      (_, at) => at * READ_BYTES,
    );
    yield* readAhead(starts, { items: READS_AT_ONCE }, (start) =>
      this.#options.store.read(name, start, Math.min(READ_BYTES, bytes - start)),
    );
  }

  #name(id: string): TransferName {
    const { principal, codec } = this.#options;
    const { tenant, issuer, subject } = principal;
    const who = new TextEncoder().encode(JSON.stringify([issuer, subject]));
    return { tenant, owner: codec.sha256(who).slice(0, 32), id };
  }

  #expiry(): number {
    return this.#options.clock.now() + URL_SECONDS * SECOND;
  }

  #need(scope: Scope): void {
    if (allows(this.#options.principal.scopes, scope)) return;
    throw new RefusedError("forbidden", `For this, sign in with the scope zenode/${scope}.`);
  }
}
