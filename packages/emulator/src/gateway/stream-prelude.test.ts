import fc from "fast-check";
import { expect, test } from "vitest";
import { MalformedProxyResponse } from "./proxy-response.ts";
import { readPrelude } from "./stream-prelude.ts";

async function* inPieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

async function rest(first: Uint8Array, body: AsyncIterator<Uint8Array>): Promise<string> {
  const parts = [first];
  for (let next = await body.next(); next.done !== true; next = await body.next()) {
    parts.push(next.value);
  }
  return Buffer.concat(parts).toString();
}

test("however the stream is cut into chunks, head and body are the same", async () => {
  const bytes = Buffer.from(`{"statusCode":201,"headers":{"x-a":"ü"}}${"\0".repeat(8)}body\0end`);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 20 }), { maxLength: 8 }), async (sizes) => {
      const body = inPieces(bytes, sizes);
      const prelude = await readPrelude(body);
      expect(prelude?.head).toEqual({
        status: 201,
        headers: [
          ["Content-Type", ["application/json"]],
          ["x-a", ["ü"]],
        ],
      });
      expect(await rest(prelude?.first ?? Buffer.alloc(0), body)).toBe("body\0end");
    }),
  );
});

test("any bytes give a head, nothing, or the one error", async () => {
  const noise = fc.oneof(
    fc.uint8Array(),
    fc.json().map((text) => Buffer.from(text)),
  );
  await fc.assert(
    fc.asyncProperty(noise, fc.boolean(), async (bytes, delimited) => {
      const stream = Buffer.concat([bytes, Buffer.alloc(delimited ? 8 : 0)]);
      const outcome = await readPrelude(inPieces(stream, [])).catch((cause: unknown) => cause);
      const expected =
        outcome === undefined ||
        outcome instanceof MalformedProxyResponse ||
        (!(outcome instanceof Error) && typeof outcome === "object");
      expect(expected).toBe(true);
    }),
  );
});

test("a stream that ends before its delimiter has no prelude", async () => {
  expect(await readPrelude(inPieces(Buffer.from('{"statusCode":200}'), []))).toBeUndefined();
});

test("the delimiter must come within 16 KB", async () => {
  const metadata = (length: number) => `{"headers":{"x":"${"a".repeat(length - 20)}"}}`;
  const of = (length: number) => Buffer.from(`${metadata(length)}${"\0".repeat(8)}`);
  expect(metadata(16_384).length).toBe(16_384);
  expect(await readPrelude(inPieces(of(16_384), []))).toBeDefined();
  await expect(readPrelude(inPieces(of(16_385), []))).rejects.toThrow(MalformedProxyResponse);
});
