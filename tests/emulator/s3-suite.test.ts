import { Readable } from "node:stream";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketCorsCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetBucketCorsCommand,
  GetBucketLocationCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutBucketCorsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  BUCKET,
  bytesOf,
  expectRefusal,
  patterned,
  type S3Fixture,
  s3Client,
  s3With,
  textOf,
} from "./s3-fixture.ts";

let fixture: S3Fixture;
beforeAll(async () => {
  fixture = await s3With();
});
afterAll(() => fixture[Symbol.asyncDispose]());

function put(key: string, body: string | Buffer | Readable, input: object = {}) {
  return fixture.client.send(
    new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body, ...input }),
  );
}

function get(key: string, input: Partial<GetObjectCommandInput> = {}) {
  return fixture.client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key, ...input }));
}

function head(key: string, input: object = {}) {
  return fixture.client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: key, ...input }));
}

function list(input: Partial<ListObjectsV2CommandInput>) {
  return fixture.client.send(new ListObjectsV2Command({ Bucket: BUCKET, ...input }));
}

describe("buckets", () => {
  test("the template's are there, others can be made once and deleted when empty", async () => {
    const { client } = fixture;
    const Bucket = "another.bucket-1";
    await client.send(new HeadBucketCommand({ Bucket: BUCKET }));
    await client.send(new CreateBucketCommand({ Bucket }));
    await expectRefusal(
      client.send(new CreateBucketCommand({ Bucket })),
      409,
      "BucketAlreadyOwnedByYou",
    );
    const { Buckets } = await client.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual([Bucket, BUCKET]);
    await client.send(new GetBucketLocationCommand({ Bucket }));
    await client.send(new PutObjectCommand({ Bucket, Key: "k", Body: "1" }));
    await expectRefusal(client.send(new DeleteBucketCommand({ Bucket })), 409, "BucketNotEmpty");
    await client.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
    await client.send(new DeleteBucketCommand({ Bucket }));
    await expectRefusal(client.send(new HeadBucketCommand({ Bucket })), 404);
  });

  test.each(["UPPER", "ab", "-start", "end-", "a..b", "under_score"])(
    "the name %s is no bucket's",
    async (Bucket) => {
      const creation = fixture.client.send(new CreateBucketCommand({ Bucket }));
      await expectRefusal(creation, 400, "InvalidBucketName");
    },
  );

  test("an object in no bucket is refused", async () => {
    const input = { Bucket: "nowhere", Key: "k" };
    await expectRefusal(fixture.client.send(new GetObjectCommand(input)), 404, "NoSuchBucket");
  });
});

describe("writing and reading", () => {
  test("a text keeps its headers and metadata, and is tagged with its MD5", async () => {
    const written = await put("text", "hello world", {
      ContentType: "text/plain",
      CacheControl: "no-store",
      ContentEncoding: "identity",
      Metadata: { tenant: "t1", note: "x y" },
    });
    expect(written.ETag).toBe('"5eb63bbbe01eeed093cb22bb8f5acdc3"');
    expect(written.ChecksumCRC32).toBe("DUoRhQ==");
    const read = await get("text");
    expect(await textOf(read)).toBe("hello world");
    const described = {
      ETag: '"5eb63bbbe01eeed093cb22bb8f5acdc3"',
      ContentLength: 11,
      ContentType: "text/plain",
      CacheControl: "no-store",
      ContentEncoding: "identity",
      Metadata: { tenant: "t1", note: "x y" },
    };
    expect(read).toMatchObject(described);
    expect(await head("text")).toMatchObject(described);
  });

  test("an object without a type is an octet stream, an empty one is empty", async () => {
    await put("empty", Buffer.alloc(0));
    const read = await get("empty");
    expect(read).toMatchObject({ ContentLength: 0, ETag: '"d41d8cd98f00b204e9800998ecf8427e"' });
    expect(await bytesOf(read)).toEqual(Buffer.alloc(0));
  });

  test.each([
    ["CRC32 by default", {}],
    ["CRC32C", { ChecksumAlgorithm: "CRC32C" }],
    ["SHA256", { ChecksumAlgorithm: "SHA256" }],
    ["SHA1", { ChecksumAlgorithm: "SHA1" }],
  ])("a stream arrives without its framing, with %s in its trailer", async (_, input) => {
    const data = patterned(300 * 1024);
    const pieces = [data.subarray(0, 100_000), data.subarray(100_000)];
    await put("stream", Readable.from(pieces), { ContentLength: data.length, ...input });
    const read = await get("stream");
    expect(read.ContentEncoding).toBeUndefined();
    expect((await bytesOf(read)).equals(data)).toBe(true);
  });

  test("a stream of 40 MB comes back as it went", async () => {
    const data = patterned(40_000_000, 7);
    const pieces = Array.from({ length: 40 }, (_, index) =>
      data.subarray(index * 1_000_000, (index + 1) * 1_000_000),
    );
    await put("large", Readable.from(pieces), { ContentLength: data.length });
    expect((await bytesOf(await get("large"))).equals(data)).toBe(true);
  });

  /** Sums of "123456789", from the CRC catalogue and FIPS 180. */
  test.each([
    ["CRC32", { ChecksumAlgorithm: "CRC32" }, { ChecksumCRC32: "y/Q5Jg==" }],
    ["CRC32C", { ChecksumAlgorithm: "CRC32C" }, { ChecksumCRC32C: "4waSgw==" }],
    ["SHA1", { ChecksumAlgorithm: "SHA1" }, { ChecksumSHA1: "98O8HYCOBHMq32eZZczDTKeuNEE=" }],
    [
      "SHA256",
      { ChecksumAlgorithm: "SHA256" },
      { ChecksumSHA256: "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=" },
    ],
    ["CRC64NVME", { ChecksumCRC64NVME: "rosUhgp5mIg=" }, { ChecksumCRC64NVME: "rosUhgp5mIg=" }],
  ])("the sum by %s is told on request", async (_, input, sums) => {
    await put("sum", "123456789", input);
    const read = await head("sum", { ChecksumMode: "ENABLED" });
    expect(read).toMatchObject({ ...sums, ChecksumType: "FULL_OBJECT" });
    expect(await head("sum")).not.toMatchObject(sums);
  });

  test("without any sum from the client S3 takes a CRC64NVME", async () => {
    const client = s3Client(fixture.s3.endpoint, { requestChecksumCalculation: "WHEN_REQUIRED" });
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: "plain", Body: "123456789" }));
    const read = await head("plain", { ChecksumMode: "ENABLED" });
    expect(read.ChecksumCRC64NVME).toBe("rosUhgp5mIg=");
  });

  test.each([
    ["a CRC32", { ChecksumCRC32: "AAAAAA==" }, "BadDigest"],
    ["a CRC64NVME", { ChecksumCRC64NVME: "AAAAAAAAAAA=" }, "BadDigest"],
    ["a SHA-256", { ChecksumSHA256: `${"A".repeat(43)}=` }, "BadDigest"],
    ["an MD5", { ContentMD5: "AAAAAAAAAAAAAAAAAAAAAA==" }, "BadDigest"],
    ["an MD5 that is none", { ContentMD5: "AAAA" }, "InvalidDigest"],
  ])("a body that does not fit %s is refused and leaves nothing", async (_, input, code) => {
    await expectRefusal(put("bad", "hello", input), 400, code);
    await expectRefusal(head("bad"), 404);
  });

  test("what is missing is missed", async () => {
    await expectRefusal(get("missing"), 404, "NoSuchKey");
    await expectRefusal(head("missing"), 404, "NotFound");
  });

  test("what is missing is forbidden in a bucket whose readers may not list it", async () => {
    await using hiding = await s3With([{ name: BUCKET, hidesMissing: true }]);
    const missing = { Bucket: BUCKET, Key: "missing" };
    await expectRefusal(hiding.client.send(new GetObjectCommand(missing)), 403, "AccessDenied");
    await expectRefusal(hiding.client.send(new HeadObjectCommand(missing)), 403);
    const copy = { Bucket: BUCKET, Key: "to", CopySource: `${BUCKET}/missing` };
    await expectRefusal(hiding.client.send(new CopyObjectCommand(copy)), 403, "AccessDenied");
  });

  test.each([
    "clash",
    "clash/x",
    "clash/x/y",
    "../up",
    "a//b",
    "ä b+c&d=e?f#g%20",
    "%2F",
    "k".repeat(1000),
    "🙂/~!*'()",
  ])("the key %j is a key like any other", async (key) => {
    await put(key, key);
    expect(await textOf(await get(key))).toBe(key);
    const { Contents } = await list({ Prefix: key, MaxKeys: 1 });
    expect(Contents?.[0]?.Key).toBe(key);
  });

  test("keys end at 1024 bytes, metadata at 2 KB", async () => {
    await expectRefusal(put("k".repeat(1025), "1"), 400, "KeyTooLongError");
    const Metadata = { a: "x".repeat(2048) };
    await expectRefusal(put("meta", "1", { Metadata }), 400, "MetadataTooLarge");
  });

  test("an object replaced while it is read stays whole for its reader", async () => {
    const [first, second] = [patterned(30_000_000, 3), patterned(30_000_000, 4)];
    await put("replaced", first);
    const read = await get("replaced");
    await put("replaced", second);
    await fixture.client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "replaced" }));
    expect((await bytesOf(read)).equals(first)).toBe(true);
  });
});

describe("ranges and conditions", () => {
  beforeAll(() => put("ranged", "hello world"));

  test.each([
    ["bytes=2-5", "llo ", "bytes 2-5/11"],
    ["bytes=-3", "rld", "bytes 8-10/11"],
    ["bytes=6-", "world", "bytes 6-10/11"],
    ["bytes=9-99", "ld", "bytes 9-10/11"],
  ])("%s reads %j", async (Range, text, range) => {
    const read = await get("ranged", { Range });
    expect(await textOf(read)).toBe(text);
    expect(read.ContentRange).toBe(range);
    expect(read.$metadata.httpStatusCode).toBe(206);
  });

  test("a range behind the end is refused", async () => {
    await expectRefusal(get("ranged", { Range: "bytes=100-200" }), 416, "InvalidRange");
  });

  const ETAG = '"5eb63bbbe01eeed093cb22bb8f5acdc3"';
  const LONG_AGO = new Date("2001-01-01T00:00:00Z");
  const LATER = new Date("2101-01-01T00:00:00Z");
  test.each([
    ["If-None-Match with its tag", { IfNoneMatch: ETAG }, 304],
    ["If-None-Match: *", { IfNoneMatch: "*" }, 304],
    ["If-Modified-Since later", { IfModifiedSince: LATER }, 304],
    ["If-Match with another tag", { IfMatch: '"0"' }, 412],
    ["If-Unmodified-Since long ago", { IfUnmodifiedSince: LONG_AGO }, 412],
  ])("a read with %s is answered %d", async (_, input, status) => {
    const condition = status;
    await expectRefusal(get("ranged", input), condition as number);
    await expectRefusal(head("ranged", input), condition as number);
  });

  test.each([
    ["If-None-Match with another tag", { IfNoneMatch: '"0"' }],
    ["If-Match with its tag", { IfMatch: ETAG }],
    ["If-Match that outweighs the date", { IfMatch: ETAG, IfUnmodifiedSince: LONG_AGO }],
    ["If-None-Match that outweighs the date", { IfNoneMatch: '"0"', IfModifiedSince: LATER }],
  ])("a read with %s is served", async (_, input) => {
    expect(await textOf(await get("ranged", input))).toBe("hello world");
  });

  test("If-None-Match: * writes what is new only", async () => {
    await put("created", "1", { IfNoneMatch: "*" });
    await expectRefusal(put("created", "2", { IfNoneMatch: "*" }), 412, "PreconditionFailed");
    expect(await textOf(await get("created"))).toBe("1");
  });

  test("If-Match writes over the version it names only", async () => {
    const { ETag } = await put("swapped", "v1");
    await put("swapped", "v2", { IfMatch: ETag });
    await expectRefusal(put("swapped", "v3", { IfMatch: ETag }), 412, "PreconditionFailed");
    await expectRefusal(put("never", "v1", { IfMatch: ETag }), 404, "NoSuchKey");
    expect(await textOf(await get("swapped"))).toBe("v2");
  });

  test("of 16 who would create one object one does, and its bytes stay", async () => {
    const writers = Array.from({ length: 16 }, (_, index) =>
      put("race", `writer ${index}`, { IfNoneMatch: "*" }),
    );
    const outcomes = await Promise.allSettled(writers);
    const winners = outcomes.flatMap(({ status }, index) =>
      status === "fulfilled" ? [index] : [],
    );
    expect(winners).toHaveLength(1);
    expect(await textOf(await get("race"))).toBe(`writer ${winners[0]}`);
  });

  test("DeleteObject with If-Match deletes the version it names only", async () => {
    const { ETag } = await put("doomed", "1");
    const remove = (IfMatch: string) =>
      fixture.client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "doomed", IfMatch }));
    await expectRefusal(remove('"0"'), 412, "PreconditionFailed");
    await remove(String(ETag));
    await expectRefusal(head("doomed"), 404);
  });
});

describe("listing", () => {
  beforeAll(async () => {
    const keys = ["p/x/1", "p/x/2", "p/y/1", "p/top", "p/ä b+c.txt", "q"];
    const pages = Array.from({ length: 25 }, (_, index) => `pg/${String(index).padStart(3, "0")}`);
    for (const key of [...keys, ...pages]) await put(key, "1");
  });

  test("a delimiter rolls keys up into common prefixes", async () => {
    const page = await list({ Prefix: "p/", Delimiter: "/" });
    expect(page.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(["p/x/", "p/y/"]);
    expect(page.Contents?.map(({ Key }) => Key)).toEqual(["p/top", "p/ä b+c.txt"]);
    expect(page).toMatchObject({ KeyCount: 4, IsTruncated: false });
  });

  test.each([1, 2, 3])("pages of %d with a delimiter hold everything once", async (MaxKeys) => {
    const seen: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await list({ Prefix: "p/", Delimiter: "/", MaxKeys, ContinuationToken });
      expect(page.KeyCount).toBeLessThanOrEqual(MaxKeys);
      seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
      seen.push(...(page.Contents ?? []).map(({ Key }) => Key));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(seen.sort()).toEqual(["p/top", "p/x/", "p/y/", "p/ä b+c.txt"]);
  });

  test("pages follow each other without a gap", async () => {
    const sizes: (number | undefined)[] = [];
    const keys: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await list({ Prefix: "pg/", MaxKeys: 10, ContinuationToken });
      sizes.push(page.KeyCount);
      keys.push(...(page.Contents ?? []).map(({ Key }) => Key));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(sizes).toEqual([10, 10, 5]);
    expect(keys.at(0)).toBe("pg/000");
    expect(keys.at(-1)).toBe("pg/024");
    expect(new Set(keys).size).toBe(25);
  });

  test("StartAfter leaves out the key it names and what is before", async () => {
    const { Contents } = await list({ Prefix: "pg/", StartAfter: "pg/020" });
    expect(Contents?.map(({ Key }) => Key)).toEqual(["pg/021", "pg/022", "pg/023", "pg/024"]);
  });

  test("an entry tells size, tag and time; url encoding is done on request", async () => {
    const { Contents, EncodingType } = await list({ Prefix: "p/ä", EncodingType: "url" });
    expect(EncodingType).toBe("url");
    expect(Contents?.[0]).toMatchObject({
      Key: "p/%C3%A4%20b%2Bc.txt",
      Size: 1,
      ETag: '"c4ca4238a0b923820dcc509a6f75849b"',
      LastModified: expect.any(Date),
    });
  });

  test("keys sort by their bytes, not by UTF-16", async () => {
    for (const key of ["sort/\u{1F600}", "sort/\uffee", "sort/Z", "sort/a"]) await put(key, "1");
    const { Contents } = await list({ Prefix: "sort/" });
    const keys = Contents?.map(({ Key }) => Key);
    expect(keys).toEqual(["sort/Z", "sort/a", "sort/\uffee", "sort/\u{1F600}"]);
  });

  test("MaxKeys 0 and a foreign token", async () => {
    expect(await list({ MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
    await expectRefusal(list({ ContinuationToken: "%%%" }), 400, "InvalidArgument");
  });
});

describe("copying, tagging, deleting", () => {
  function copy(from: string, to: string, input: object = {}) {
    const CopySource = `${BUCKET}/${encodeURIComponent(from)}`;
    return fixture.client.send(
      new CopyObjectCommand({ Bucket: BUCKET, Key: to, CopySource, ...input }),
    );
  }

  test("a copy has the metadata of its source or its own", async () => {
    await put("from ä", "hello world", { ContentType: "text/plain", Metadata: { tenant: "t1" } });
    const copied = await copy("from ä", "copy/1");
    expect(copied.CopyObjectResult?.ETag).toBe('"5eb63bbbe01eeed093cb22bb8f5acdc3"');
    expect(await head("copy/1")).toMatchObject({
      ContentType: "text/plain",
      Metadata: { tenant: "t1" },
    });
    await copy("from ä", "copy/2", { MetadataDirective: "REPLACE", Metadata: { z: "9" } });
    expect((await head("copy/2")).Metadata).toEqual({ z: "9" });
    await put("from ä", "changed");
    expect(await textOf(await get("copy/1"))).toBe("hello world");
  });

  test.each([
    ["of what is missing", () => copy("missing", "copy/3"), 404, "NoSuchKey"],
    ["onto itself", () => copy("ranged", "ranged"), 400, "InvalidRequest"],
    [
      "of another version",
      () => copy("ranged", "copy/4", { CopySourceIfMatch: '"0"' }),
      412,
      "PreconditionFailed",
    ],
    [
      "over what is there",
      () => copy("ranged", "q", { IfNoneMatch: "*" }),
      412,
      "PreconditionFailed",
    ],
  ] as const)("a copy %s is refused", async (_, request, status, code) => {
    await put("ranged", "hello world");
    await put("q", "1");
    await expectRefusal(request(), status, code);
  });

  test("tags come with the object, are replaced and removed", async () => {
    const Key = "tagged";
    await put(Key, "1", { Tagging: "a=1&b=x%20y" });
    const tags = async () => {
      const answer = await fixture.client.send(
        new GetObjectTaggingCommand({ Bucket: BUCKET, Key }),
      );
      return answer.TagSet;
    };
    expect(await tags()).toEqual([
      { Key: "a", Value: "1" },
      { Key: "b", Value: "x y" },
    ]);
    expect((await get(Key)).TagCount).toBe(2);
    const TagSet = [{ Key: "k", Value: "v" }];
    await fixture.client.send(
      new PutObjectTaggingCommand({ Bucket: BUCKET, Key, Tagging: { TagSet } }),
    );
    expect(await tags()).toEqual(TagSet);
    await fixture.client.send(new DeleteObjectTaggingCommand({ Bucket: BUCKET, Key }));
    expect(await tags()).toEqual([]);
    expect(await textOf(await get(Key))).toBe("1");
  });

  test("objects are deleted alone and in batches, missing ones too", async () => {
    const { client } = fixture;
    for (const key of ["del/1", "del/2", "del/3 <&>"]) await put(key, "1");
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "del/1" }));
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: "del/1" }));
    const Objects = [{ Key: "del/2" }, { Key: "del/3 <&>" }, { Key: "del/never" }];
    const { Deleted } = await client.send(
      new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } }),
    );
    expect(Deleted?.map(({ Key }) => Key)).toEqual(["del/2", "del/3 <&>", "del/never"]);
    const quiet = await client.send(
      new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects, Quiet: true } }),
    );
    expect(quiet.Deleted).toBeUndefined();
    expect((await list({ Prefix: "del/" })).KeyCount).toBe(0);
    const many = Array.from({ length: 1001 }, (_, index) => ({ Key: String(index) }));
    const request = new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects: many } });
    await expectRefusal(client.send(request), 400, "MalformedXML");
  });

  test("attributes are told without the object", async () => {
    await put("attributes", "123456789", { ChecksumAlgorithm: "CRC32" });
    const attributes = await fixture.client.send(
      new GetObjectAttributesCommand({
        Bucket: BUCKET,
        Key: "attributes",
        ObjectAttributes: ["ETag", "ObjectSize", "Checksum"],
      }),
    );
    expect(attributes).toMatchObject({
      ETag: "25f9e794323b453885f5181f1b624d0b",
      ObjectSize: 9,
      Checksum: { ChecksumCRC32: "y/Q5Jg==" },
    });
  });
});

describe("CORS", () => {
  const CORSRules = [
    {
      AllowedMethods: ["GET", "PUT"],
      AllowedOrigins: ["http://app.test", "https://*.example.com"],
      AllowedHeaders: ["content-*"],
      ExposeHeaders: ["ETag"],
      MaxAgeSeconds: 60,
    },
  ];
  const configure = () =>
    fixture.client.send(
      new PutBucketCorsCommand({ Bucket: BUCKET, CORSConfiguration: { CORSRules } }),
    );

  function preflight(origin: string, method: string, headers: string) {
    return fetch(`${fixture.s3.endpoint}/${BUCKET}/ranged`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": method,
        "access-control-request-headers": headers,
      },
    });
  }

  test("a configuration is kept, and gone when deleted", async () => {
    const { client } = fixture;
    const read = () => client.send(new GetBucketCorsCommand({ Bucket: BUCKET }));
    await expectRefusal(read(), 404, "NoSuchCORSConfiguration");
    await configure();
    expect((await read()).CORSRules).toEqual(CORSRules);
    await client.send(new DeleteBucketCorsCommand({ Bucket: BUCKET }));
    await expectRefusal(read(), 404, "NoSuchCORSConfiguration");
  });

  test.each([
    ["http://app.test", "PUT", "content-type", 200],
    ["https://a.example.com", "GET", "Content-Length, content-md5", 200],
    ["http://other.test", "PUT", "content-type", 403],
    ["http://app.test", "DELETE", "content-type", 403],
    ["http://app.test", "PUT", "x-amz-date", 403],
  ])(
    "a preflight from %s for %s with %s is answered %d",
    async (origin, method, headers, status) => {
      await configure();
      const answer = await preflight(origin, method, headers);
      expect(answer.status).toBe(status);
      const allowed = answer.headers.get("access-control-allow-origin");
      expect(allowed).toBe(status === 200 ? origin : null);
    },
  );

  test("an answer to an allowed origin says so, an error too", async () => {
    await configure();
    const answer = await fetch(`${fixture.s3.endpoint}/${BUCKET}/ranged`, {
      headers: { origin: "http://app.test" },
    });
    expect(answer.status).toBe(403);
    expect(answer.headers.get("access-control-allow-origin")).toBe("http://app.test");
    expect(answer.headers.get("access-control-expose-headers")).toBe("ETag");
  });
});
