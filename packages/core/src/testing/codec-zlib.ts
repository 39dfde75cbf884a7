import { createHash } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { RefusedError } from "../lib/error.ts";
import type { Codec } from "../workspace/codec.ts";

/** A Codec for tests of core and tools, which may not import the node package. */
export const codecZlib: Codec = {
  sha256: (bytes) => createHash("sha256").update(bytes).digest("hex"),
  deflate: async (bytes) => new Uint8Array(deflateRawSync(bytes)),
  inflate: (bytes, maxBytes) => {
    try {
      return new Uint8Array(inflateRawSync(bytes, { maxOutputLength: Math.max(1, maxBytes) }));
    } catch (cause) {
      throw new RefusedError("corrupt", "The data can't be inflated.", { cause });
    }
  },
};
