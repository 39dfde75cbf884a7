import { describe, expect, test } from "vitest";
import { MIB } from "../lib/bytes.ts";
import { noise } from "../testing/noise.ts";
import { concatBytes } from "./byte-writer.ts";
import { cutChunks } from "./cut-chunks.ts";

const sizes = (content: Uint8Array) => cutChunks(content).map(({ length }) => length);

describe("a content is cut", () => {
  test("by what stands in it, always in the same way", () => {
    expect(sizes(noise(6 * MIB, 1))).toEqual([
      1_065_862, 1_122_816, 1_009_743, 1_420_146, 1_489_451, 183_438,
    ]);
  });

  test("into chunks that together are the content", () => {
    const content = noise(9 * MIB, 2);
    expect(Buffer.compare(concatBytes(cutChunks(content)), content)).toBe(0);
  });

  test("after 4 MiB where nothing says where: zeros", () => {
    expect(sizes(new Uint8Array(9 * MIB))).toEqual([4 * MIB, 4 * MIB, MIB]);
  });

  test("into one chunk below 256 KiB, and into none if it is empty", () => {
    expect(sizes(noise(262_144, 3))).toEqual([262_144]);
    expect(sizes(new Uint8Array())).toEqual([]);
  });
});

test("bytes that are inserted or removed change the chunks around them, and no others", () => {
  const content = noise(12 * MIB, 4);
  const [left, right] = [content.subarray(0, 5_345_678), content.subarray(5_345_678)];
  const inserted = concatBytes([left, new TextEncoder().encode("some more text"), right]);
  const removed = concatBytes([left, right.subarray(7)]);
  const before = new Set(cutChunks(content).map((chunk) => Buffer.from(chunk).toString("base64")));
  for (const changed of [inserted, removed]) {
    const others = cutChunks(changed).filter(
      (chunk) => !before.has(Buffer.from(chunk).toString("base64")),
    );
    expect(others.length).toBeLessThanOrEqual(2);
  }
});
