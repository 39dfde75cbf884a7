import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codecZlib } from "../testing/codec-zlib.ts";
import { BlobReader } from "./blob-reader.ts";
import { Pack } from "./pack.ts";
import { decodePackIndex } from "./pack-index.ts";
import { PackWriter } from "./pack-writer.ts";
import { makeReaderCaches } from "./reader-caches.ts";
import type { BlobReference } from "./tree.ts";

function random(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, Math.min(length, at + 65_536)));
  }
  return bytes;
}

async function write(contents: readonly Uint8Array[], trees: readonly Uint8Array[] = []) {
  const writer = new PackWriter(codecZlib);
  const references: BlobReference[] = [];
  const add = async (content: Uint8Array, kind: "file" | "tree") => {
    const blob = codecZlib.sha256(content);
    await writer.add(blob, content, kind);
    references.push({ blob, bytes: content.length });
  };
  for (const content of contents) await add(content, "file");
  for (const content of trees) await add(content, "tree");
  return { ...(await writer.finish()), references };
}

function open(body: Uint8Array, indexBytes: number) {
  const reads: (readonly [start: number, length: number])[] = [];
  const caches = makeReaderCaches(64_000_000);
  const read = async (start: number, length: number) => {
    reads.push([start, length]);
    return body.slice(start, start + length);
  };
  const pack = new Pack({ key: "t/p/1", bytes: body.length, indexBytes, read }, codecZlib, caches);
  const reader = new BlobReader({ tenant: "t", packs: [pack], codec: codecZlib, caches });
  return { reader, pack, reads };
}

const text = (value: string) => new TextEncoder().encode(value);

describe("a pack", () => {
  test("gives back every blob: empty, small, incompressible, larger than a frame", async () => {
    const contents = [
      text(""),
      text("hello"),
      random(100_000),
      text("x".repeat(300_000)),
      random(700_000),
      text("last"),
    ];
    const { body, indexBytes, references } = await write(contents);
    const { reader } = open(body, indexBytes);
    for (const [at, reference] of references.entries()) {
      expect(Buffer.compare(await reader.read(reference), contents[at] ?? text("?"))).toBe(0);
    }
  });

  test("puts small blobs together in frames of 256 KiB and large ones alone", async () => {
    const kib100 = Array.from({ length: 5 }, (_, at) => text(`${at}`.repeat(102_400)));
    const { body } = await write([...kib100, text("y".repeat(1_000_000))], [text("a tree")]);
    const { frames, blobs } = decodePackIndex(body, body.length, codecZlib);
    expect(frames.map(({ rawBytes, trees }) => [rawBytes, trees])).toEqual([
      [204_800, false],
      [204_800, false],
      [102_400, false],
      [1_000_000, false],
      [6, true],
    ]);
    expect(blobs).toBe(7);
  });

  test("stores what does not shrink as it is", async () => {
    const { body } = await write([random(50_000), text("z".repeat(300_000))]);
    const { frames } = decodePackIndex(body, body.length, codecZlib);
    expect(frames.map(({ deflated }) => deflated)).toEqual([false, true]);
  });

  test("without blobs is a pack, too", async () => {
    const { body } = await write([]);
    expect(decodePackIndex(body, body.length, codecZlib).blobs).toBe(0);
  });

  test("gives all its trees by one request after the index", async () => {
    const { body, indexBytes, references } = await write(
      [random(400_000)],
      Array.from({ length: 30 }, () => random(40_000)),
    );
    const { reader, pack, reads } = open(body, indexBytes);
    const place = (await pack.index()).find(references[1]?.blob ?? "");
    if (!place) throw new Error("A tree was written.");
    const run = await pack.planTreeRun(place.frame);
    await pack.readRun(run.frames);
    for (const reference of references.slice(1)) await reader.read(reference);
    expect(reads).toHaveLength(2);
  });

  test("reads adjacent frames by one request", async () => {
    const contents = Array.from({ length: 20 }, () => random(200_000));
    const { body, indexBytes, references } = await write(contents);
    const { reader, reads } = open(body, indexBytes);
    const seen: string[] = [];
    for await (const { blob } of reader.readMany([...references, ...references])) seen.push(blob);
    expect(seen.toSorted()).toEqual(references.map(({ blob }) => blob).sort());
    expect(reads).toHaveLength(2);
  });

  test("does not fetch what lies far between two wanted frames", async () => {
    const contents = Array.from({ length: 20 }, () => random(200_000));
    const { body, indexBytes, references } = await write(contents);
    const { reader, reads } = open(body, indexBytes);
    const wanted = references.filter((_, at) => at === 0 || at === 19);
    for await (const { content } of reader.readMany(wanted)) expect(content.length).toBe(200_000);
    expect(reads.slice(1).map(([, length]) => length)).toEqual([200_000, 200_000]);
  });

  test("answers again from memory", async () => {
    const { body, indexBytes, references } = await write([text("hello")]);
    const { reader, reads } = open(body, indexBytes);
    const [reference] = references;
    if (!reference) throw new Error("A blob was written.");
    await reader.read(reference);
    await reader.read(reference);
    expect(reads).toHaveLength(2);
  });

  test("whose blob was changed is corrupt", async () => {
    const { body, indexBytes, references } = await write([random(1_000)]);
    body[500] = (body[500] ?? 0) ^ 1;
    const [reference] = references;
    if (!reference) throw new Error("A blob was written.");
    await expect(open(body, indexBytes).reader.read(reference)).rejects.toMatchObject({
      name: "RefusedError",
      code: "corrupt",
    });
  });
});

const good = await write([text("hello"), random(3_000), text("w".repeat(9_000))], [text("tree")]);

describe("a hostile pack", () => {
  const mutation = fc.record({
    at: fc.nat(),
    fromEnd: fc.boolean(),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
    cut: fc.option(fc.nat(60), { nil: 0 }),
  });

  async function readAll(body: Uint8Array, indexBytes: number): Promise<void> {
    const { reader } = open(body, indexBytes);
    for await (const _ of reader.readMany(good.references));
  }

  test("is refused or read right, whichever of its bytes are changed", async () => {
    await fc.assert(
      fc.asyncProperty(mutation, async ({ at, fromEnd, bytes, cut }) => {
        const body = good.body.slice(0, good.body.length - cut);
        const where = fromEnd ? body.length - 1 - (at % good.indexBytes) : at % body.length;
        body.set(bytes.slice(0, body.length - Math.max(0, where)), Math.max(0, where));
        await readAll(body, good.indexBytes).catch((error: unknown) => {
          expect(error).toMatchObject({ name: "RefusedError", code: "corrupt" });
        });
      }),
      { numRuns: 400 },
    );
  });

  /** The same attack behind a right checksum: what a client that knows the format would write. */
  test("is refused or read right, whatever its index says", async () => {
    await fc.assert(
      fc.asyncProperty(mutation, async ({ at, bytes }) => {
        const { body, indexBytes } = await resealIndex(good, at, bytes);
        await readAll(body, indexBytes).catch((error: unknown) => {
          expect(error).toMatchObject({ name: "RefusedError", code: "corrupt" });
        });
      }),
      { numRuns: 400 },
    );
  });

  test("of any bytes is refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(() => decodePackIndex(bytes, bytes.length, codecZlib)).toThrow(
          expect.objectContaining({ code: "corrupt" }),
        );
      }),
    );
  });

  test("whose index inflates to more than it says is refused before it is inflated whole", async () => {
    const bomb = await codecZlib.deflate(new Uint8Array(50_000_000));
    const trailer = good.body.slice(-52);
    const view = new DataView(trailer.buffer);
    trailer.set(Buffer.from(codecZlib.sha256(bomb), "hex"));
    view.setUint32(32, bomb.length);
    view.setUint32(36, 1_000);
    const body = Buffer.concat([bomb, trailer]);
    expect(() => decodePackIndex(body, body.length, codecZlib)).toThrow(
      expect.objectContaining({ code: "corrupt" }),
    );
    view.setUint32(36, 0xffff_ffff);
    const vast = Buffer.concat([bomb, trailer]);
    expect(() => decodePackIndex(vast, vast.length, codecZlib)).toThrow(
      expect.objectContaining({ code: "corrupt" }),
    );
  });
});

async function resealIndex(
  good: { body: Uint8Array; indexBytes: number },
  at: number,
  bytes: Uint8Array,
) {
  const frames = good.body.slice(0, good.body.length - good.indexBytes);
  const stored = good.body.slice(frames.length, -52);
  const index = codecZlib.inflate(stored, 1_000_000);
  const where = at % index.length;
  index.set(bytes.slice(0, index.length - where), where);
  const deflated = await codecZlib.deflate(index);
  const trailer = good.body.slice(-52);
  trailer.set(Buffer.from(codecZlib.sha256(deflated), "hex"));
  new DataView(trailer.buffer).setUint32(32, deflated.length);
  return { body: Buffer.concat([frames, deflated, trailer]), indexBytes: deflated.length + 52 };
}
