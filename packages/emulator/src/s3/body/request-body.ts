import type { IncomingMessage } from "node:http";

/** The body of a request. Leaving a loop over it early does not cut the connection, unlike with the message. */
export class RequestBody implements AsyncIterable<Buffer> {
  readonly #message: IncomingMessage;
  #iterator: AsyncIterator<Buffer> | undefined;

  constructor(message: IncomingMessage) {
    this.#message = message;
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer> {
    this.#iterator ??= (this.#message as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    const iterator = this.#iterator;
    return { next: () => iterator.next() };
  }

  /** Reads to the end what was begun; a refusal sent before would meet a client that is still writing. */
  async drain(): Promise<void> {
    if (this.#iterator === undefined) return;
    let next = await this.#iterator.next();
    while (next.done !== true) next = await this.#iterator.next();
  }
}
