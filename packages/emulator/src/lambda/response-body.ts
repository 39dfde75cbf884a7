import type { Readable } from "node:stream";

/** Bytes held for a slow reader before the function is made to wait. */
const HIGH_WATER_BYTES = 256 * 1024;

/**
 * The bytes of a streamed response on their way to one reader. A slow reader slows the function down; a
 * reader that left does not: what follows is read and dropped, because Lambda never learns that a client
 * went away and the invocation runs to its end.
 */
export class ResponseBody implements AsyncIterable<Uint8Array> {
  readonly #source: Readable;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  #ended = false;
  #left = false;
  #wake: () => void = () => {};
  /** Resolves with the first chunk, or at the end of an empty body. */
  readonly started: Promise<void>;
  /** `torn`: the connection broke before the end of the body. */
  readonly finished: Promise<"complete" | "torn">;

  constructor(source: Readable) {
    this.#source = source;
    this.started = new Promise((resolve) => {
      source.once("data", () => resolve());
      source.once("close", () => resolve());
      source.once("end", () => resolve());
    });
    this.finished = new Promise((resolve) => {
      source.once("end", () => this.#finish(() => resolve("complete")));
      source.once("close", () => this.#finish(() => resolve("torn")));
    });
    // A broken connection is told by `finished`.
    source.on("error", () => {});
    source.on("data", (chunk: Uint8Array) => this.#take(chunk));
  }

  /** Nothing has come that is still to be read. */
  get empty(): boolean {
    return this.#chunks.length === 0;
  }

  /** Ends the body after the bytes that have come. */
  cut(): void {
    this.#source.destroy();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () => this.#next(),
      return: () => {
        this.#leave();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    while (this.#chunks.length === 0 && !this.#ended && !this.#left) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return { done: true, value: undefined };
    this.#bytes -= chunk.length;
    if (this.#bytes < HIGH_WATER_BYTES) this.#source.resume();
    return { done: false, value: chunk };
  }

  #take(chunk: Uint8Array): void {
    if (this.#left) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes >= HIGH_WATER_BYTES) this.#source.pause();
    this.#wake();
  }

  #leave(): void {
    this.#left = true;
    this.#chunks.length = 0;
    this.#bytes = 0;
    this.#source.resume();
    this.#wake();
  }

  #finish(settle: () => void): void {
    this.#ended = true;
    settle();
    this.#wake();
  }
}
