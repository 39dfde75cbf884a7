import type { Clock } from "../lib/clock.ts";
import { SECOND } from "../lib/duration.ts";
import { RefusedError } from "../lib/error.ts";
import type { TransferName, TransferStore } from "../transfer/transfer-store.ts";
import { concatBytes } from "../workspace/byte-writer.ts";

interface Grant {
  readonly key: string;
  /** Of an upload; absent: the URL serves reads. */
  readonly bytes?: number;
  readonly expiresAt: number;
}

/** TransferStore in memory. */
export class MemoryTransferStore implements TransferStore {
  readonly #clock: Clock;
  readonly #objects = new Map<string, Uint8Array>();
  readonly #grants = new Map<string, Grant>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The PUT that a signed URL stands for; false when S3 would refuse it. */
  async upload(url: string, body: Uint8Array): Promise<boolean> {
    const grant = this.#granted(url);
    if (!grant || grant.bytes !== body.length) return false;
    this.#objects.set(grant.key, body.slice());
    return true;
  }

  /** The GET that a signed URL stands for; undefined when S3 would refuse it. */
  async download(url: string): Promise<Uint8Array | undefined> {
    const grant = this.#granted(url);
    return grant && grant.bytes === undefined ? this.#objects.get(grant.key)?.slice() : undefined;
  }

  async presignUpload(name: TransferName, bytes: number, seconds: number): Promise<string> {
    return this.#grant({ key: keyOf(name), bytes, expiresAt: this.#after(seconds) });
  }

  async size(name: TransferName): Promise<number | undefined> {
    return this.#objects.get(keyOf(name))?.length;
  }

  async read(name: TransferName, start: number, length: number): Promise<Uint8Array> {
    const body = this.#objects.get(keyOf(name));
    if (body) return body.slice(start, start + length);
    throw new RefusedError("not_found", `${name.id} is not in the store.`);
  }

  async write(
    name: TransferName,
    content: AsyncIterable<Uint8Array>,
    maxBytes: number,
  ): Promise<number> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of content) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new RefusedError("too_large", `Over ${maxBytes} bytes.`);
      chunks.push(chunk.slice());
    }
    this.#objects.set(keyOf(name), concatBytes(chunks));
    return bytes;
  }

  async presignDownload(name: TransferName, _file: string, seconds: number): Promise<string> {
    return this.#grant({ key: keyOf(name), expiresAt: this.#after(seconds) });
  }

  #grant(grant: Grant): string {
    const url = `memory://${crypto.randomUUID()}`;
    this.#grants.set(url, grant);
    return url;
  }

  #granted(url: string): Grant | undefined {
    const grant = this.#grants.get(url);
    return grant && grant.expiresAt > this.#clock.now() ? grant : undefined;
  }

  #after(seconds: number): number {
    return this.#clock.now() + seconds * SECOND;
  }
}

function keyOf({ tenant, owner, id }: TransferName): string {
  return `temp/${tenant}/transfers/${owner}/${id}`;
}
