import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BUCKET, bytesOf, expectRefusal, patterned, type S3Fixture, s3With } from "./s3-fixture.ts";

const MIB = 1024 * 1024;

let fixture: S3Fixture;
beforeAll(async () => {
  fixture = await s3With();
});
afterAll(() => fixture[Symbol.asyncDispose]());

async function begin(Key: string, input: object = {}): Promise<string> {
  const { UploadId } = await fixture.client.send(
    new CreateMultipartUploadCommand({ Bucket: BUCKET, Key, ...input }),
  );
  return UploadId ?? "";
}

async function part(
  target: { Key: string; UploadId: string },
  PartNumber: number,
  Body: Buffer,
): Promise<CompletedPart> {
  const { ETag, ChecksumCRC32 } = await fixture.client.send(
    new UploadPartCommand({ Bucket: BUCKET, ...target, PartNumber, Body }),
  );
  return { PartNumber, ETag, ChecksumCRC32 };
}

function complete(target: { Key: string; UploadId: string }, Parts: CompletedPart[], input = {}) {
  return fixture.client.send(
    new CompleteMultipartUploadCommand({
      Bucket: BUCKET,
      ...target,
      MultipartUpload: { Parts },
      ...input,
    }),
  );
}

function read(Key: string, input: object = {}) {
  return fixture.client.send(new GetObjectCommand({ Bucket: BUCKET, Key, ...input }));
}

test("parts become one object with the metadata of its beginning", async () => {
  const Key = "assembled";
  const UploadId = await begin(Key, { Metadata: { m: "1" }, ContentType: "x/y" });
  const data = patterned(5 * MIB);
  const parts = [await part({ Key, UploadId }, 1, data), await part({ Key, UploadId }, 2, data)];
  await expectRefusal(read(Key), 404, "NoSuchKey");
  const { Parts } = await fixture.client.send(
    new ListPartsCommand({ Bucket: BUCKET, Key, UploadId }),
  );
  expect(Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
    [1, 5 * MIB],
    [2, 5 * MIB],
  ]);
  const { ETag } = await complete({ Key, UploadId }, parts);
  const md5 = createHash("md5").update(data).digest();
  const md5OfBoth = createHash("md5").update(md5).update(md5).digest("hex");
  expect(ETag).toBe(`"${md5OfBoth}-2"`);
  const whole = await read(Key);
  expect(whole).toMatchObject({ ETag, ContentType: "x/y", Metadata: { m: "1" } });
  expect((await bytesOf(whole)).equals(Buffer.concat([data, data]))).toBe(true);
  const across = await read(Key, { Range: `bytes=${5 * MIB - 3}-${5 * MIB + 2}` });
  expect(await bytesOf(across)).toEqual(Buffer.concat([data.subarray(-3), data.subarray(0, 3)]));
  const second = await read(Key, { PartNumber: 2 });
  expect(second).toMatchObject({ PartsCount: 2, ContentLength: 5 * MIB });
  await second.Body?.transformToByteArray();
  await expectRefusal(complete({ Key, UploadId }, parts), 404, "NoSuchUpload");
});

test("a part sent again replaces the first, and parts not listed are left out", async () => {
  const Key = "corrected";
  const UploadId = await begin(Key);
  await part({ Key, UploadId }, 1, Buffer.from("wrong"));
  await part({ Key, UploadId }, 3, Buffer.from("unused"));
  const parts = [await part({ Key, UploadId }, 1, Buffer.from("right"))];
  await complete({ Key, UploadId }, parts);
  expect((await bytesOf(await read(Key))).toString()).toBe("right");
});

test.each([
  ["a small part before the last", [1, 2], {}, "EntityTooSmall"],
  ["parts out of order", [2, 1], {}, "InvalidPartOrder"],
  ["a part nobody sent", [1, 7], {}, "InvalidPart"],
  ["another tag", [1], { ETag: '"0"' }, "InvalidPart"],
  ["no parts", [], {}, "MalformedXML"],
])("a completion with %s is refused", async (_, numbers, change, code) => {
  const Key = "refused";
  const UploadId = await begin(Key);
  const sent = [
    await part({ Key, UploadId }, 1, Buffer.from("a")),
    await part({ Key, UploadId }, 2, Buffer.from("b")),
  ];
  const parts = numbers.map((PartNumber) => ({
    ...(sent[PartNumber - 1] ?? sent[0]),
    PartNumber,
    ...change,
  }));
  await expectRefusal(complete({ Key, UploadId }, parts), 400, code);
  await expectRefusal(read(Key), 404, "NoSuchKey");
});

test("a composite sum covers the parts' sums; each must be told again", async () => {
  const Key = "composite";
  const UploadId = await begin(Key, { ChecksumAlgorithm: "CRC32" });
  const parts = [await part({ Key, UploadId }, 1, Buffer.from("123456789"))];
  const { ChecksumCRC32: _, ...silent } = parts[0] ?? {};
  await expectRefusal(complete({ Key, UploadId }, [silent]), 400, "InvalidRequest");
  const done = await complete({ Key, UploadId }, parts);
  // CRC-32 of the four bytes cb f4 39 26.
  expect(done).toMatchObject({ ChecksumCRC32: "7kxlUA==-1", ChecksumType: "COMPOSITE" });
});

test("a full-object sum is that of all bytes", async () => {
  const Key = "full";
  const input = { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" };
  const UploadId = await begin(Key, input);
  // 5 MiB of zeros and then "123456789"; the CRC-32 was taken with another tool.
  const parts = [
    await part({ Key, UploadId }, 1, Buffer.alloc(5 * MIB)),
    await part({ Key, UploadId }, 2, Buffer.from("123456789")),
  ];
  await complete({ Key, UploadId }, parts);
  const { ChecksumCRC32, ChecksumType } = await fixture.client.send(
    new HeadObjectCommand({ Bucket: BUCKET, Key, ChecksumMode: "ENABLED" }),
  );
  expect({ ChecksumCRC32, ChecksumType }).toEqual({
    ChecksumCRC32: "tTrQLA==",
    ChecksumType: "FULL_OBJECT",
  });
});

test("of two completions that must not overwrite one wins", async () => {
  const Key = "guarded";
  const uploads = [await begin(Key), await begin(Key)];
  const outcomes = await Promise.allSettled(
    uploads.map(async (UploadId, index) => {
      const parts = [await part({ Key, UploadId }, 1, Buffer.from(`upload ${index}`))];
      return await complete({ Key, UploadId }, parts, { IfNoneMatch: "*" });
    }),
  );
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
});

test("an upload given up takes no more parts", async () => {
  const Key = "aborted";
  const UploadId = await begin(Key);
  await part({ Key, UploadId }, 1, Buffer.from("a"));
  const listed = async () => {
    const input = { Bucket: BUCKET, Prefix: Key };
    const { Uploads } = await fixture.client.send(new ListMultipartUploadsCommand(input));
    return Uploads?.map((upload) => upload.UploadId);
  };
  expect(await listed()).toEqual([UploadId]);
  await fixture.client.send(new AbortMultipartUploadCommand({ Bucket: BUCKET, Key, UploadId }));
  expect(await listed()).toBeUndefined();
  await expectRefusal(part({ Key, UploadId }, 2, Buffer.from("b")), 404, "NoSuchUpload");
});

test("a part may be copied from a stretch of another object", async () => {
  const Body = "hello world";
  await fixture.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: "source", Body }));
  const Key = "pasted";
  const UploadId = await begin(Key);
  const { CopyPartResult } = await fixture.client.send(
    new UploadPartCopyCommand({
      ...{ Bucket: BUCKET, Key, UploadId, PartNumber: 1 },
      CopySource: `${BUCKET}/source`,
      CopySourceRange: "bytes=6-10",
    }),
  );
  await complete({ Key, UploadId }, [{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);
  expect((await bytesOf(await read(Key))).toString()).toBe("world");
});

test("lib-storage uploads a stream of unknown length", async () => {
  const data = patterned(12 * MIB, 5);
  const Body = Readable.from([data.subarray(0, 7_000_000), data.subarray(7_000_000)]);
  await new Upload({ client: fixture.client, params: { Bucket: BUCKET, Key: "lib", Body } }).done();
  const whole = await read("lib");
  expect(whole.ETag).toMatch(/-3"$/);
  expect((await bytesOf(whole)).equals(data)).toBe(true);
});

test("lists of parts and uploads come in pages", async () => {
  const Key = "paged";
  const UploadId = await begin(Key);
  for (const number of [1, 2, 5]) await part({ Key, UploadId }, number, Buffer.from("x"));
  const input = { Bucket: BUCKET, Key, UploadId, MaxParts: 2 };
  const first = await fixture.client.send(new ListPartsCommand(input));
  expect(first).toMatchObject({ IsTruncated: true, NextPartNumberMarker: "2" });
  const rest = new ListPartsCommand({ ...input, PartNumberMarker: first.NextPartNumberMarker });
  expect((await fixture.client.send(rest)).Parts?.map((entry) => entry.PartNumber)).toEqual([5]);
  await begin("paged/2");
  const page = new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix: Key, MaxUploads: 1 });
  const uploads = await fixture.client.send(page);
  expect(uploads).toMatchObject({ IsTruncated: true, NextKeyMarker: Key });
  const next = new ListMultipartUploadsCommand({
    ...{ Bucket: BUCKET, Prefix: Key, MaxUploads: 1 },
    KeyMarker: uploads.NextKeyMarker,
    UploadIdMarker: uploads.NextUploadIdMarker,
  });
  expect((await fixture.client.send(next)).Uploads?.[0]?.Key).toBe("paged/2");
});
