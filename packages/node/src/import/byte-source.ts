/** Reads a stream of bytes by exact lengths. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next `length` bytes in pieces, less if the stream ends before. All of them have to be read before the next call. */
  async *pieces(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0; ) {
      if (this.#rest.length === 0 && !(await this.#more())) return;
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  /** The next `length` bytes, less if the stream ends before. */
  async take(length: number): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.pieces(length)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** Up to a byte, which is read too and left out; undefined: the stream has ended, or there are over `most` without it. */
  async takeUntil(byte: number, most: number): Promise<Buffer | undefined> {
    const pieces: Uint8Array[] = [];
    for (let bytes = 0; bytes <= most; ) {
      if (this.#rest.length === 0 && !(await this.#more())) return undefined;
      const at = this.#rest.indexOf(byte);
      const piece = at < 0 ? this.#rest : this.#rest.subarray(0, at);
      this.#rest = this.#rest.subarray(piece.length + (at < 0 ? 0 : 1));
      pieces.push(piece);
      bytes += piece.length;
      if (at >= 0) return Buffer.concat(pieces);
    }
    return undefined;
  }

  /** Ends the stream, wherever it is. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done) return false;
    this.#rest = next.value;
    return true;
  }
}
