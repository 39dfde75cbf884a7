import { S3Error } from "../s3-error.ts";
import type { ChunkSignatures } from "../signature/chunk-signature.ts";
import { ByteReader } from "./byte-reader.ts";

const LINE_BYTES = 8192;

/**
 * Takes the `aws-chunked` framing off a body (`<hex size>[;chunk-signature=…]CRLF data CRLF … 0 CRLF
 * trailers CRLF`). Trailing headers land in `trailers` once the generator is done.
 * @throws S3Error IncompleteBody, InvalidRequest, SignatureDoesNotMatch
 */
export async function* decodeChunks(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
  signatures?: ChunkSignatures,
): AsyncGenerator<Buffer> {
  const reader = new ByteReader(source);
  for (;;) {
    const { size, signature } = parseChunkHeader(await line(reader));
    for await (const data of reader.take(size)) {
      signatures?.update(data);
      yield data;
    }
    signatures?.endChunk(signature);
    if (size === 0) break;
    if ((await line(reader)) !== "") throw new S3Error("InvalidRequest", "A chunk has no end");
  }
  await readTrailers(reader, trailers, signatures);
  await reader.drain();
}

async function line(reader: ByteReader): Promise<string> {
  return (await reader.until("\r\n", LINE_BYTES)).toString("latin1");
}

function parseChunkHeader(header: string): { size: number; signature: string } {
  const parts = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(header);
  if (parts === null) throw new S3Error("InvalidRequest", "A chunk has no size");
  return { size: Number.parseInt(parts[1] ?? "", 16), signature: parts[2] ?? "" };
}

async function readTrailers(
  reader: ByteReader,
  trailers: Map<string, string>,
  signatures: ChunkSignatures | undefined,
): Promise<void> {
  let signed = "";
  for (;;) {
    const text = await line(reader);
    const colon = text.indexOf(":");
    if (colon < 0) break;
    const name = text.slice(0, colon).trim().toLowerCase();
    const value = text.slice(colon + 1).trim();
    if (name === "x-amz-trailer-signature") signatures?.endTrailer(signed, value);
    else {
      signed += `${name}:${value}\n`;
      trailers.set(name, value);
    }
  }
}
