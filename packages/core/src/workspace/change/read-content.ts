import { RefusedError } from "../../lib/error.ts";
import type { Codec } from "../codec.ts";
import type { LaterContent } from "./file-change.ts";

/**
 * The bytes of a change's file.
 * @throws RefusedError `conflict`: it was changed while it was committed.
 */
export async function readContent(
  content: Uint8Array | LaterContent,
  codec: Codec,
): Promise<Uint8Array> {
  if (content instanceof Uint8Array) return content;
  const bytes = await content.read();
  if (codec.sha256(bytes) === content.blob) return bytes;
  throw new RefusedError("conflict", "A file was changed while it was committed. Try again.");
}
