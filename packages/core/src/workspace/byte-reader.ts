import { RefusedError } from "../lib/error.ts";

/** Seven groups of seven bits: far over every limit, and exact in a double. */
const MAX_VARINT_BYTES = 7;

/** Stored bytes don't mean what they should; nothing was taken from them. */
export function corrupt(message: string): RefusedError {
  return new RefusedError("corrupt", message);
}

/** Reads a foreign encoding from front to back. Every method @throws RefusedError `corrupt` at the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw corrupt("The data ends too early.");
    this.#at++;
    return byte;
  }

  /** A view of the next `count` bytes; no copy. */
  bytes(count: number): Uint8Array {
    if (count > this.left) throw corrupt("The data ends too early.");
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** Unsigned LEB128 in its shortest form, so that each value has one encoding. */
  varint(max: number): number {
    let value = 0;
    let scale = 1;
    for (let read = 0; read < MAX_VARINT_BYTES; read++) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (byte === 0 && read > 0) throw corrupt("A number is not in its shortest form.");
        if (value > max) throw corrupt(`A number is ${value}, over ${max}.`);
        return value;
      }
      scale *= 128;
    }
    throw corrupt("A number is too long.");
  }

  end(): void {
    if (this.left > 0) throw corrupt(`${this.left} bytes follow the end.`);
  }
}
