import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { MIB } from "@zenode/core";
import { hostile, tooLarge } from "./incoming-files.ts";

/** Inflates gzip. @throws RefusedError `invalid_input`, `too_large` over `maxBytes`. */
export async function* gunzip(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  const source = Readable.from(chunks);
  const unzip = createGunzip();
  source.once("error", (cause) => unzip.destroy(cause));
  source.pipe(unzip);
  try {
    yield* bounded(unzip as AsyncIterable<Uint8Array>, maxBytes);
  } catch (cause) {
    const { code = "" } = cause as NodeJS.ErrnoException;
    throw code.startsWith("Z_") ? hostile("it is no sound gzip", cause) : cause;
  } finally {
    source.destroy();
    unzip.destroy();
  }
}

/** @throws RefusedError `too_large`. */
export async function* bounded(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(`over ${maxBytes / MIB} MiB when it is unpacked`);
    yield chunk;
  }
}
