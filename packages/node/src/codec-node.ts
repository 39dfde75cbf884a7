import { hash } from "node:crypto";
import { promisify } from "node:util";
import { deflateRaw, inflateRawSync, type ZlibOptions } from "node:zlib";
import { type Codec, KIB, RefusedError } from "@zenode/core";

const deflate = promisify<Uint8Array, ZlibOptions, Buffer>(deflateRaw);

/** Of source code it makes 1.5 % more than the usual 6, in a fifth less time: compressing is what a large push waits for. */
const LEVEL = 5;

/** The pack format's hash and compression on Node.js. Compression, which takes longest, has threads of its own. */
export const nodeCodec: Codec = {
  sha256: (bytes) => hash("sha256", bytes, "hex"),
  deflate: async (bytes) => toPlain(await deflate(bytes, { level: LEVEL })),
  inflate: (bytes, maxBytes) => {
    try {
      // zlib takes no limit of 0, and its first buffer should fit a frame, not a hostile claim.
      const maxOutputLength = Math.max(1, maxBytes);
      const chunkSize = Math.min(Math.max(64, maxBytes), 256 * KIB);
      const raw = inflateRawSync(bytes, { maxOutputLength, chunkSize });
      if (raw.length <= maxBytes) return toPlain(raw);
    } catch (cause) {
      throw new RefusedError("corrupt", "The data can't be inflated.", { cause });
    }
    throw new RefusedError("corrupt", `The data inflates to more than ${maxBytes} bytes.`);
  },
};

/** A Buffer's `slice` shares memory where a Uint8Array's copies: core gets the latter. */
function toPlain({ buffer, byteOffset, length }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}
