import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Killable, startKillable } from "./killable.ts";
import { BUCKET, bytesOf, patterned, s3Client } from "./s3-fixture.ts";

const KEYS = 5;

let dir: string;
let server: Killable;
let client: S3Client;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "emulator-s3-kill-"));
  await start();
});
afterEach(async () => {
  client.destroy();
  await server.kill();
  rmSync(dir, { recursive: true });
});

async function start(): Promise<void> {
  server = await startKillable("s3-process.ts", dir, BUCKET);
  client = s3Client(server.endpoint);
}

async function restart(): Promise<void> {
  client.destroy();
  await server.kill();
  await start();
}

async function put(Key: string, Body: Buffer): Promise<void> {
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
}

async function read(Key: string): Promise<Buffer> {
  return await bytesOf(await client.send(new GetObjectCommand({ Bucket: BUCKET, Key })));
}

async function keys(): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  return Contents.map(({ Key }) => String(Key));
}

/** Every object tells its own bytes by the seed in its key, `<writer>/<seed>`, small and large in turns. */
function content(seed: number): Buffer {
  return patterned(seed % 3 === 0 ? 900_000 : 3_000, seed);
}

/** Writes one object after the other until the server is gone; keeps the last version acknowledged by key. */
async function writeUntilKilled(writer: number, acknowledged: Map<string, number>): Promise<void> {
  try {
    for (let turn = 1; ; turn++) {
      const key = `${writer}/${turn % KEYS}`;
      await put(key, content(writer * 1_000 + turn));
      acknowledged.set(key, writer * 1_000 + turn);
    }
  } catch (cause) {
    const { $metadata } = cause as { $metadata?: { httpStatusCode?: number } };
    // A refusal is no kill.
    if ($metadata?.httpStatusCode !== undefined) throw cause;
  }
}

test.each([1, 2, 3])(
  "objects written before a kill are all there and whole, round %d",
  async (round) => {
    const acknowledged = new Map<string, number>();
    const writers = [1, 2, 3, 4].map((writer) =>
      writeUntilKilled(round * 10 + writer, acknowledged),
    );
    // Each key was written at least once: the kill meets writers that overwrite.
    await expect.poll(() => acknowledged.size, { timeout: 30_000 }).toBe(4 * KEYS);
    await restart();
    await Promise.all(writers);
    for (const [key, seed] of acknowledged) {
      const bytes = await read(key);
      // The write after the last one acknowledged may have been carried out: then it is that, whole.
      const possible = [seed, seed + KEYS].some((version) => bytes.equals(content(version)));
      expect(possible, `${key} is version ${seed} or the next`).toBe(true);
    }
    expect(await keys()).toHaveLength(4 * KEYS);
  },
);

test("what a kill interrupted is swept at the next start", async () => {
  await put("kept", patterned(100_000));
  writeFileSync(join(dir, "blobs", "half-written"), "x");
  await restart();
  expect(readdirSync(join(dir, "blobs"))).toHaveLength(1);
  expect(await read("kept")).toEqual(patterned(100_000));
});

test("uploads under way, copies and deletions outlive a kill", async () => {
  await put("source", patterned(5_000));
  await put("deleted", patterned(5_000));
  const Key = "assembled";
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ Bucket: BUCKET, Key, Metadata: { m: "1" } }),
  );
  const target = { Bucket: BUCKET, Key, UploadId };
  const first = patterned(5 * 1024 * 1024, 9);
  const one = await client.send(new UploadPartCommand({ ...target, PartNumber: 1, Body: first }));
  await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "deleted" }));
  await client.send(
    new CopyObjectCommand({ Bucket: BUCKET, Key: "copy", CopySource: `${BUCKET}/source` }),
  );
  await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "source" }));
  await restart();
  const two = await client.send(new UploadPartCommand({ ...target, PartNumber: 2, Body: "end" }));
  const Parts = [
    { PartNumber: 1, ETag: one.ETag },
    { PartNumber: 2, ETag: two.ETag },
  ];
  await client.send(new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts } }));
  await restart();
  expect(await keys()).toEqual(["assembled", "copy"]);
  expect((await read(Key)).equals(Buffer.concat([first, Buffer.from("end")]))).toBe(true);
  expect(await read("copy")).toEqual(patterned(5_000));
});

test("a folder is served by one process at a time", async () => {
  await put("k", patterned(10));
  await expect(startKillable("s3-process.ts", dir, BUCKET)).rejects.toThrow("ended before");
  expect(await read("k")).toEqual(patterned(10));
});
