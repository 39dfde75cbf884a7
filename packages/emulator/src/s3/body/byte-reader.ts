import { S3Error, type S3ErrorCode } from "../s3-error.ts";

const EMPTY = Buffer.alloc(0);

/** Reads a stream of bytes by marks and by counts, however it was cut into chunks. */
export class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = EMPTY;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /**
   * Everything before the next `mark`, which is consumed too.
   * @throws S3Error IncompleteBody; `tooLong` when more than `limit` bytes come before the mark
   */
  async until(
    mark: string,
    limit: number,
    tooLong: S3ErrorCode = "InvalidRequest",
  ): Promise<Buffer> {
    let at = this.#held.indexOf(mark);
    while (at < 0) {
      if (this.#held.length > limit) throw new S3Error(tooLong);
      if (!(await this.#pull())) throw new S3Error("IncompleteBody");
      at = this.#held.indexOf(mark);
    }
    const before = this.#held.subarray(0, at);
    this.#held = this.#held.subarray(at + Buffer.byteLength(mark));
    return before;
  }

  /** Exactly `count` bytes as they come. @throws S3Error IncompleteBody */
  async *take(count: number): AsyncGenerator<Buffer> {
    let left = count;
    while (left > 0) {
      if (this.#held.length === 0 && !(await this.#pull())) throw new S3Error("IncompleteBody");
      const piece = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(piece.length);
      left -= piece.length;
      if (piece.length > 0) yield piece;
    }
  }

  /** The bytes before the next `mark`, as they come; the mark is consumed. @throws S3Error IncompleteBody */
  async *streamUntil(mark: string): AsyncGenerator<Buffer> {
    const keep = Buffer.byteLength(mark) - 1;
    for (;;) {
      const at = this.#held.indexOf(mark);
      if (at >= 0) {
        const last = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at + keep + 1);
        if (last.length > 0) yield last;
        return;
      }
      // The last bytes may be the start of a mark that continues in the next chunk.
      const sure = this.#held.subarray(0, Math.max(this.#held.length - keep, 0));
      this.#held = this.#held.subarray(sure.length);
      if (sure.length > 0) yield sure;
      if (!(await this.#pull())) throw new S3Error("IncompleteBody");
    }
  }

  /** Reads what is left and drops it, so that the connection can serve the next request. */
  async drain(): Promise<void> {
    do this.#held = EMPTY;
    while (await this.#pull());
  }

  async #pull(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    this.#held = this.#held.length === 0 ? next.value : Buffer.concat([this.#held, next.value]);
    return true;
  }
}
