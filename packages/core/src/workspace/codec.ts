/** What the pack format needs from the runtime; the `node` package implements it. */
export interface Codec {
  /** SHA-256, lower-case hex. */
  sha256(bytes: Uint8Array): string;
  /** Raw DEFLATE (RFC 1951), beside other work. */
  deflate(bytes: Uint8Array): Promise<Uint8Array>;
  /** @throws RefusedError `corrupt` when it is no DEFLATE data or gives more than `maxBytes`. */
  inflate(bytes: Uint8Array, maxBytes: number): Uint8Array;
}
