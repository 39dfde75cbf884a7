import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type AwsFixture, startAws } from "./aws-fixture.ts";

let aws: AwsFixture;
beforeAll(async () => {
  aws = await startAws();
});
afterEach(() => aws.faults.clear());
afterAll(async () => {
  await aws[Symbol.asyncDispose]();
});

const CONTENT = new Uint8Array(500_000).map((_, at) => at % 251);
const torn = {
  service: "s3",
  operation: "GetObject",
  action: { kind: "tear", afterBytes: 100 },
} as const;

test("an object whose body breaks off is read again", async () => {
  await aws.bucket.put("k", CONTENT, false);
  aws.faults.add({ ...torn, times: 3 });
  expect(await aws.bucket.get("k")).toEqual({ body: CONTENT, size: 500_000 });
  expect(await aws.bucket.get("k", { from: 7, to: 9 })).toEqual({
    body: CONTENT.slice(7, 10),
    size: 500_000,
  });
});

test("an object whose body breaks off each time is a failure of the platform's", async () => {
  await aws.bucket.put("k", CONTENT, false);
  aws.faults.add(torn);
  await expect(aws.bucket.get("k")).rejects.toMatchObject({ code: "unavailable" });
});
