import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BUCKET, expectRefusal, type S3Fixture, s3Client, s3With, textOf } from "./s3-fixture.ts";

let fixture: S3Fixture;
let signer: S3Client;
beforeAll(async () => {
  fixture = await s3With();
  signer = s3Client(fixture.s3.endpoint, { requestChecksumCalculation: "WHEN_REQUIRED" });
  await signer.send(
    new PutObjectCommand({ Bucket: BUCKET, Key: "a/hello.txt", Body: "hello world" }),
  );
});
afterAll(() => fixture[Symbol.asyncDispose]());

async function read(Key: string) {
  return await signer.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
}

function signedGet(expiresIn = 60, signingDate = new Date()): Promise<string> {
  const command = new GetObjectCommand({ Bucket: BUCKET, Key: "a/hello.txt" });
  return getSignedUrl(signer, command, { expiresIn, signingDate });
}

describe("signed requests", () => {
  const KNOWN = { accessKeyId: "LOCALKEY", secretAccessKey: "LOCALSECRET" };

  test.each([
    ["another secret", { ...KNOWN, secretAccessKey: "nope" }, "SignatureDoesNotMatch"],
    ["an unknown key", { ...KNOWN, accessKeyId: "WHO" }, "InvalidAccessKeyId"],
    ["a property of every object", { ...KNOWN, accessKeyId: "toString" }, "InvalidAccessKeyId"],
  ])("%s is refused", async (_, credentials, code) => {
    const client = s3Client(fixture.s3.endpoint, { credentials });
    const request = client.send(new GetObjectCommand({ Bucket: BUCKET, Key: "a/hello.txt" }));
    await expectRefusal(request, 403, code);
  });

  test("a session token goes with a known key", async () => {
    const credentials = { ...KNOWN, sessionToken: "temporary" };
    const client = s3Client(fixture.s3.endpoint, { credentials });
    const answer = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: "a/hello.txt" }));
    expect(await textOf(answer)).toBe("hello world");
  });

  test("a clock 20 minutes off is refused", async () => {
    const client = s3Client(fixture.s3.endpoint, { systemClockOffset: 20 * 60_000 });
    const request = client.send(new GetObjectCommand({ Bucket: BUCKET, Key: "a/hello.txt" }));
    await expectRefusal(request, 403, "RequestTimeTooSkewed");
  });

  test("nobody without a name reads", async () => {
    const answer = await fetch(`${fixture.s3.endpoint}/${BUCKET}/a/hello.txt`);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("<Code>AccessDenied</Code>");
  });

  test.each(["/%zz", "/workspaces/%ff"])("the path %s is refused", async (path) => {
    expect((await fetch(fixture.s3.endpoint + path)).status).toBe(400);
  });
});

describe("presigned URLs", () => {
  test("a GET gives the object with the headers asked for", async () => {
    const command = new GetObjectCommand({
      ...{ Bucket: BUCKET, Key: "a/hello.txt" },
      ResponseContentDisposition: 'attachment; filename="x.txt"',
      ResponseContentType: "text/html",
    });
    const answer = await fetch(await getSignedUrl(signer, command, { expiresIn: 60 }));
    expect(await answer.text()).toBe("hello world");
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="x.txt"');
    expect(answer.headers.get("content-type")).toBe("text/html");
  });

  test.each([
    ["of a client that adds no sum", "WHEN_REQUIRED"],
    ["of a client that sums an empty body", "WHEN_SUPPORTED"],
  ] as const)(
    "a PUT %s writes, with the metadata in its URL",
    async (_, requestChecksumCalculation) => {
      const client = s3Client(fixture.s3.endpoint, { requestChecksumCalculation });
      const input = {
        Bucket: BUCKET,
        Key: "put",
        ContentType: "text/plain",
        Metadata: { by: "url" },
      };
      const url = await getSignedUrl(client, new PutObjectCommand(input), { expiresIn: 60 });
      const headers = { "content-type": "text/plain" };
      const answer = await fetch(url, { method: "PUT", body: "presigned!", headers });
      expect(answer.status).toBe(200);
      const written = await read("put");
      expect(written).toMatchObject({ ContentType: "text/plain", Metadata: { by: "url" } });
      expect(await textOf(written)).toBe("presigned!");
    },
  );

  test.each([
    ["for another key", (url: string) => url.replace("a/hello.txt", "put")],
    ["with a longer life", (url: string) => url.replace("Expires=60", "Expires=600")],
    ["with another signature", (url: string) => url.replace(/(Signature=).{4}/, "$10000")],
    ["with a parameter more", (url: string) => `${url}&response-content-type=text/html`],
  ])("a URL changed to one %s is refused", async (_, change) => {
    const answer = await fetch(change(await signedGet()));
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("SignatureDoesNotMatch");
  });

  test("a URL ends with its life", async () => {
    const url = await signedGet(60, new Date(Date.now() - 61_000));
    const answer = await fetch(url);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("Request has expired");
  });

  test("a URL does not allow headers it does not cover", async () => {
    const headers = { "x-amz-meta-smuggled": "1" };
    expect((await fetch(await signedGet(), { headers })).status).toBe(403);
  });

  test("a life over a week is no life", async () => {
    const url = (await signedGet()).replace("Expires=60", "Expires=604801");
    expect((await fetch(url)).status).toBe(400);
  });
});

describe("presigned POST", () => {
  type Conditions = Parameters<typeof createPresignedPost>[1]["Conditions"];

  async function post(
    policy: { Key: string; Conditions?: NonNullable<Conditions>; Fields?: Record<string, string> },
    file: string,
    change: Record<string, string> = {},
  ): Promise<Response> {
    const signed = await createPresignedPost(signer, { Bucket: BUCKET, Expires: 60, ...policy });
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...signed.fields, ...change })) {
      form.append(name, value);
    }
    form.append("file", new Blob([file]), "n2.txt");
    return await fetch(signed.url, { method: "POST", body: form });
  }

  test("a form within its policy writes", async () => {
    const Conditions: NonNullable<Conditions> = [
      ["content-length-range", 1, 100],
      ["starts-with", "$key", "post/"],
    ];
    const Fields = { "x-amz-meta-k": "v", "Content-Type": "text/plain" };
    const answer = await post({ Key: "post/n.txt", Conditions, Fields }, "posted");
    expect(answer.status).toBe(204);
    expect(answer.headers.get("etag")).toBe('"c0e34cbf057062549f3a31a4418c9958"');
    const written = await read("post/n.txt");
    expect(written).toMatchObject({ Metadata: { k: "v" }, ContentType: "text/plain" });
    expect(await textOf(written)).toBe("posted");
  });

  test("the key may take the name of the file", async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own placeholder
    await post({ Key: "post2/${filename}" }, "posted");
    expect(await textOf(await read("post2/n2.txt"))).toBe("posted");
  });

  test("201 answers with a document", async () => {
    const Fields = { success_action_status: "201" };
    const answer = await post({ Key: "post/201", Fields }, "posted");
    expect(answer.status).toBe(201);
    expect(await answer.text()).toContain("<Key>post/201</Key>");
  });

  const LIMITS: NonNullable<Conditions> = [["content-length-range", 2, 10]];
  test.each([
    ["too large", { Key: "post/big", Conditions: LIMITS }, "x".repeat(2_000_000), {}, 400],
    ["too small", { Key: "post/small", Conditions: LIMITS }, "x", {}, 400],
    ["of another key", { Key: "post/a" }, "xx", { key: "post/b" }, 403],
    ["with a field more", { Key: "post/a" }, "xx", { "x-amz-meta-extra": "1" }, 403],
    ["of another policy", { Key: "post/a" }, "xx", { policy: "e30=" }, 403],
  ])("a form %s is refused and writes nothing", async (_, policy, file, change, status) => {
    const answer = await post(policy, file, change);
    expect(answer.status).toBe(status);
    await answer.text();
    await expectRefusal(read(policy.Key), 404, "NoSuchKey");
  });
});
