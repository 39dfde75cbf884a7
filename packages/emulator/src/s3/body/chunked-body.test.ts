import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeChunks } from "./chunked-body.ts";

async function* cut(data: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const size of [...sizes, data.length]) {
    yield data.subarray(at, at + size);
    at += size;
  }
}

async function decode(data: Buffer, sizes: readonly number[] = []) {
  const trailers = new Map<string, string>();
  const chunks: Buffer[] = [];
  for await (const chunk of decodeChunks(cut(data, sizes), trailers)) chunks.push(chunk);
  return { body: Buffer.concat(chunks), trailers: Object.fromEntries(trailers) };
}

test("framing and trailers come off, however the bytes arrive", async () => {
  const piece = fc.uint8Array({ minLength: 1, maxLength: 40 });
  const cuts = fc.array(fc.nat(9), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 5 }), cuts, async (pieces, sizes) => {
      const frames = pieces.flatMap((data) => [
        Buffer.from(`${data.length.toString(16)}\r\n`),
        Buffer.from(data),
        Buffer.from("\r\n"),
      ]);
      const end = Buffer.from("0\r\nX-Amz-Checksum-Crc32: AAAAAA==\r\n\r\n");
      const { body, trailers } = await decode(Buffer.concat([...frames, end]), sizes);
      expect(body).toEqual(Buffer.concat(pieces));
      expect(trailers).toEqual({ "x-amz-checksum-crc32": "AAAAAA==" });
    }),
  );
});

test.each([
  ["cut in its data", "5\r\nabc", "IncompleteBody"],
  ["cut before its last chunk", "3\r\nabc\r\n", "IncompleteBody"],
  ["cut in its trailers", "3\r\nabc\r\n0\r\nx-amz", "IncompleteBody"],
  ["with a size that is none", "zz\r\nabc\r\n0\r\n\r\n", "InvalidRequest"],
  ["with a negative size", "-3\r\nabc\r\n0\r\n\r\n", "InvalidRequest"],
  ["with a chunk longer than its size", "3\r\nabcd\r\n0\r\n\r\n", "InvalidRequest"],
  ["with a line without end", "a".repeat(20_000), "InvalidRequest"],
])("a body %s is refused", async (_, text, code) => {
  await expect(decode(Buffer.from(text))).rejects.toMatchObject({ code });
});

test("nothing but the protocol's own refusals comes of random bytes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 60 }), async (text) => {
      const outcome = await decode(Buffer.from(text)).catch((cause: unknown) => cause);
      if (outcome instanceof Error) expect(outcome).toHaveProperty("name", "S3Error");
    }),
  );
});
