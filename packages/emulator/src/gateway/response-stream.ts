import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { type BandwidthLimit, Pacer } from "./bandwidth.ts";

interface StreamOptions {
  readonly bandwidth: BandwidthLimit;
  /** Cut after this many bytes of body (a fault). */
  readonly tearAfterBytes: number | undefined;
}

/**
 * The client's side of a streamed response. A client that went away is no error: what is written
 * then is thrown away, since the invocation behind it is never told and runs to its end.
 */
export class ResponseStream {
  readonly #response: ServerResponse;
  readonly #pacer: Pacer;
  readonly #closed = new AbortController();
  #leftBytes: number;
  #sentBytes = 0;

  constructor(response: ServerResponse, { bandwidth, tearAfterBytes }: StreamOptions) {
    this.#response = response;
    this.#pacer = new Pacer(bandwidth);
    this.#leftBytes = tearAfterBytes ?? Number.POSITIVE_INFINITY;
    response.once("close", () => this.#closed.abort());
    if (response.closed) this.#closed.abort();
  }

  /** Body bytes handed to the client. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Writes at the pace allowed and the client's own; returns at once when the client is gone. */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.#response.destroyed) return;
    const part = chunk.subarray(0, this.#leftBytes);
    await this.#pass(part);
    this.#leftBytes -= part.length;
    if (this.#leftBytes === 0) this.cut();
  }

  /** Ends the response as a whole one, unless a fault wants it torn. */
  end(): void {
    if (this.#leftBytes === 0) this.cut();
    else this.#response.end();
  }

  /** Breaks the connection after what was written: the client sees an incomplete response. */
  cut(): void {
    const response = this.#response;
    // Written bytes must leave first; a client that reads nothing gets no such chance.
    if (response.destroyed || response.writableNeedDrain) response.destroy();
    else response.write("", () => response.destroy());
  }

  async #pass(part: Uint8Array): Promise<void> {
    if (part.length === 0) return;
    this.#sentBytes += part.length;
    const { signal } = this.#closed;
    try {
      if (!this.#response.write(part)) await once(this.#response, "drain", { signal });
      const waitMs = this.#pacer.wrote(part.length, performance.now());
      if (waitMs > 0) await delay(waitMs, undefined, { signal });
    } catch (cause) {
      if (!signal.aborted) throw cause;
    }
  }
}
