import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BlobStore } from "./blob-store.ts";

let dir: string;
let database: DatabaseSync;
let blobs: BlobStore;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "blobs-"));
  database = new DatabaseSync(":memory:");
  blobs = new BlobStore(dir, database);
});
afterEach(() => rmSync(dir, { recursive: true }));

async function write(...pieces: Buffer[]): Promise<string> {
  const writer = blobs.create();
  for (const piece of pieces) await writer.write(piece);
  return await writer.finish();
}

/** Files and rows. */
function stored(): number {
  const row = database.prepare("SELECT count(*) AS n FROM blob").get();
  return readdirSync(dir).length + Number(row?.n);
}

async function readAll(body: ReturnType<BlobStore["read"]>): Promise<Buffer> {
  if (Buffer.isBuffer(body)) return body;
  const chunks: Buffer[] = [];
  for await (const chunk of body.chunks()) chunks.push(chunk);
  body.release();
  return Buffer.concat(chunks);
}

test.each([0, 1, 65_536, 65_537, 262_144, 700_001])(
  "%d bytes are read as written",
  async (bytes) => {
    const data = Buffer.from(Uint8Array.from({ length: bytes }, (_, index) => index % 251));
    const blob = await write(data.subarray(0, 1000), data.subarray(1000));
    expect(await readAll(blobs.read([{ blob, start: 0, bytes }]))).toEqual(data);
  },
);

test("a small range of a large blob is read alone", async () => {
  const blob = await write(Buffer.alloc(300_000, 1), Buffer.from("here"));
  expect(blobs.read([{ blob, start: 300_000, bytes: 4 }])).toEqual(Buffer.from("here"));
});

test("a blob removed while it is read is there until its reader is done", async () => {
  const [first, second] = [await write(Buffer.alloc(100_000, 1)), await write(Buffer.alloc(9, 2))];
  const slices = [
    { blob: first, start: 0, bytes: 100_000 },
    { blob: second, start: 0, bytes: 9 },
  ];
  const body = blobs.read(slices);
  blobs.remove([first, second]);
  expect(stored()).toBe(2);
  expect(await readAll(body)).toEqual(
    Buffer.concat([Buffer.alloc(100_000, 1), Buffer.alloc(9, 2)]),
  );
  expect(stored()).toBe(0);
});

test.each([4, 100_000])(
  "a second name lives on when the first is removed, %d bytes",
  async (bytes) => {
    const data = Buffer.alloc(bytes, 7);
    const blob = await write(data);
    const other = blobs.link(blob);
    blobs.remove([blob]);
    expect(await readAll(blobs.read([{ blob: other, start: 0, bytes }]))).toEqual(data);
    expect(stored()).toBe(1);
  },
);

test("a discarded blob leaves nothing, a sweep leaves only what is known", async () => {
  const writer = blobs.create();
  await writer.write(Buffer.alloc(300_000));
  await writer.discard();
  expect(stored()).toBe(0);
  const kept = [await write(Buffer.from("a")), await write(Buffer.alloc(100_000))];
  await write(Buffer.from("b"));
  await write(Buffer.alloc(100_001));
  expect(blobs.sweep(new Set(kept))).toBe(2);
  expect(stored()).toBe(2);
});
