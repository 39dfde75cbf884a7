import { expect, test } from "vitest";
import { nodeCodec } from "./codec-node.ts";

const text = new TextEncoder().encode("abc");

test("hashes are SHA-256 in hex", () => {
  // FIPS 180-2, appendix B.1.
  expect(nodeCodec.sha256(text)).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

test("what is deflated inflates to the same, empty and long", async () => {
  for (const bytes of [new Uint8Array(), text, new Uint8Array(1_000_000)]) {
    expect(nodeCodec.inflate(await nodeCodec.deflate(bytes), bytes.length)).toEqual(bytes);
  }
});

test("results are plain arrays whose slice is a copy", async () => {
  const deflated = await nodeCodec.deflate(text);
  expect(Buffer.isBuffer(deflated)).toBe(false);
  expect(deflated.slice().buffer).not.toBe(deflated.buffer);
});

test.each([
  ["more than allowed", await nodeCodec.deflate(new Uint8Array(100_000)), 99_999],
  ["more than nothing", await nodeCodec.deflate(text), 0],
  ["no DEFLATE data", Uint8Array.of(0xff, 0xff, 0xff), 100],
  ["nothing at all", new Uint8Array(), 100],
])("%s is corrupt", (_, bytes, maxBytes) => {
  expect(() => nodeCodec.inflate(bytes, maxBytes)).toThrow(
    expect.objectContaining({ name: "RefusedError", code: "corrupt" }),
  );
});
