const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const BLOB_ID = /^[0-9a-f]{64}$/;

/** Whether a text has the form of a blob's id: SHA-256 in lower-case hex. */
export function isBlobId(text: string): boolean {
  return BLOB_ID.test(text);
}

export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += DIGITS[byte];
  return text;
}

/** Bytes of a text that is known to be hex. */
export function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = (toNibble(text.charCodeAt(at * 2)) << 4) | toNibble(text.charCodeAt(at * 2 + 1));
  }
  return bytes;
}

/** Of the code of `0` to `9` or `a` to `f`. */
function toNibble(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57;
}
