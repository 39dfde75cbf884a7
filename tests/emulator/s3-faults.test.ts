import { request } from "node:http";
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
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

const DAY_MS = 86_400_000;

let fixture: S3Fixture;
beforeEach(async () => {
  const expire = [
    { prefix: "results/", days: 7 },
    { prefix: "results/short/", days: 1 },
  ];
  fixture = await s3With([{ name: BUCKET, expire }]);
});
afterEach(() => fixture[Symbol.asyncDispose]());

function put(Key: string, Body: string | Buffer = "1") {
  return fixture.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
}

function get(Key: string) {
  return fixture.client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
}

async function keys(): Promise<(string | undefined)[]> {
  const list = new ListObjectsV2Command({ Bucket: BUCKET });
  const { Contents = [] } = await fixture.client.send(list);
  return Contents.map(({ Key }) => Key);
}

describe("faults", () => {
  test.each([
    ["throttle", 503, "SlowDown"],
    ["error", 500, "InternalError"],
  ] as const)("%s answers %d %s and does nothing", async (kind, status, code) => {
    fixture.faults.add({ service: "s3", operation: "PutObject", action: { kind }, times: 1 });
    expect(await keys()).toEqual([]);
    await expectRefusal(put("k"), status, code);
    expect(await keys()).toEqual([]);
    await put("k");
    expect(await keys()).toEqual(["k"]);
  });

  test("a client that retries gets over throttling", async () => {
    fixture.faults.add({ service: "s3", action: { kind: "throttle" }, times: 2 });
    const client = s3Client(fixture.s3.endpoint, { maxAttempts: 4 });
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: "k", Body: "1" }));
    expect(fixture.usage.map(({ status }) => status)).toEqual([503, 503, 200]);
  });

  test("a lost answer leaves the object written", async () => {
    const action = { kind: "lose-answer" } as const;
    fixture.faults.add({ service: "s3", operation: "PutObject", action, times: 1 });
    await expect(put("k", "written")).rejects.toThrow();
    expect(await textOf(await get("k"))).toBe("written");
    expect(fixture.usage[0]).toMatchObject({ operation: "PutObject", bytesIn: 7, status: 0 });
  });

  test.each([0, 1, 70_000, 500_000])(
    "a torn answer has %d bytes and no end",
    async (afterBytes) => {
      const data = patterned(1_000_000);
      await put("k", data);
      const action = { kind: "tear", afterBytes } as const;
      fixture.faults.add({ service: "s3", operation: "GetObject", action, times: 1 });
      const command = new GetObjectCommand({ Bucket: BUCKET, Key: "k" });
      const url = await getSignedUrl(fixture.client, command);
      const torn = await new Promise<{
        status: number | undefined;
        body: Buffer;
        complete: boolean;
      }>((resolve) => {
        const chunks: Buffer[] = [];
        request(url, (answer) => {
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("error", () => {});
          answer.on("close", () => {
            const { statusCode: status, complete } = answer;
            resolve({ status, body: Buffer.concat(chunks), complete });
          });
        }).end();
      });
      expect(torn).toMatchObject({ status: 200, complete: false });
      expect(torn.body.equals(data.subarray(0, afterBytes))).toBe(true);
      expect((await bytesOf(await get("k"))).equals(data)).toBe(true);
    },
  );

  test("a delayed request is carried out after its delay", async () => {
    const action = { kind: "delay", ms: 150 } as const;
    fixture.faults.add({ service: "s3", operation: "PutObject", action, times: 1 });
    const order: string[] = [];
    await Promise.all([
      put("slow").then(() => order.push("slow")),
      get("missing").catch(() => order.push("quick")),
    ]);
    expect(order).toEqual(["quick", "slow"]);
    expect(await keys()).toEqual(["slow"]);
  });

  test("closing does not wait for a delay", async () => {
    const own = await s3With();
    own.faults.add({ service: "s3", action: { kind: "delay", ms: 600_000 } });
    const waiting = own.client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: "k" }));
    const failed = expect(waiting).rejects.toThrow();
    await own[Symbol.asyncDispose]();
    await failed;
  });
});

describe("lifecycle", () => {
  test("objects under a prefix vanish from reads and listings after their days", async () => {
    for (const key of ["kept", "results/a", "results/short/b"]) await put(key);
    fixture.clock.advance(DAY_MS - 60_000);
    expect(await keys()).toEqual(["kept", "results/a", "results/short/b"]);
    fixture.clock.advance(60_000);
    expect(await keys()).toEqual(["kept", "results/a"]);
    await expectRefusal(get("results/short/b"), 404, "NoSuchKey");
    fixture.clock.advance(6 * DAY_MS);
    expect(await keys()).toEqual(["kept"]);
  });

  test("a sweep deletes what has vanished, once", async () => {
    for (const key of ["kept", "results/a", "results/short/b"]) await put(key);
    expect(fixture.s3.sweep()).toBe(0);
    fixture.clock.advance(DAY_MS);
    expect(fixture.s3.sweep()).toBe(1);
    fixture.clock.advance(6 * DAY_MS);
    expect(fixture.s3.sweep()).toBe(1);
    expect(fixture.s3.sweep()).toBe(0);
    expect(await keys()).toEqual(["kept"]);
  });

  test("writing again starts a new life, and the answer tells its end", async () => {
    await put("results/a");
    fixture.clock.advance(7 * DAY_MS);
    await fixture.client.send(
      new PutObjectCommand({ Bucket: BUCKET, Key: "results/a", Body: "2", IfNoneMatch: "*" }),
    );
    expect(fixture.s3.sweep()).toBe(0);
    const read = await get("results/a");
    expect(await textOf(read)).toBe("2");
    expect(read.Expiration).toMatch(/^expiry-date=".* GMT", rule-id=".+"$/);
  });
});

test("each request is told with its operation, bytes and status", async () => {
  await put("k", "12345");
  await textOf(await get("k"));
  await expectRefusal(get("missing"), 404);
  const bucket = BUCKET;
  expect(fixture.usage).toEqual([
    { operation: "PutObject", bucket, key: "k", bytesIn: 5, bytesOut: 0, status: 200 },
    { operation: "GetObject", bucket, key: "k", bytesIn: 0, bytesOut: 5, status: 200 },
    {
      operation: "GetObject",
      ...{ bucket, key: "missing", bytesIn: 0, bytesOut: expect.any(Number), status: 404 },
    },
  ]);
});

test("an upload broken off leaves nothing, not even a blob", async () => {
  const command = new PutObjectCommand({ Bucket: BUCKET, Key: "half", ContentLength: 1_000_000 });
  const signer = s3Client(fixture.s3.endpoint, { requestChecksumCalculation: "WHEN_REQUIRED" });
  const url = await getSignedUrl(signer, command);
  const upload = request(url, { method: "PUT", headers: { "content-length": "1000000" } });
  const gone = new Promise((resolve) => upload.on("error", resolve));
  await new Promise((resolve) => upload.write(patterned(600_000), resolve));
  upload.destroy(new Error("the client leaves"));
  await gone;
  await expectRefusal(get("half"), 404, "NoSuchKey");
  expect(await keys()).toEqual([]);
});
