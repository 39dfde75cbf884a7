import { afterAll, beforeAll, expect, test } from "vitest";
import { type AwsFixture, startAws } from "./aws-fixture.ts";

/** Its bucket answers 403 for what is not there, as S3 does to a role that may not list. */
let aws: AwsFixture;
let stranger: AwsFixture;
beforeAll(async () => {
  aws = await startAws();
  const credentials = { accessKeyId: "LOCALKEY", secretAccessKey: "not the secret" };
  stranger = await startAws({ credentials });
});
afterAll(async () => {
  await aws[Symbol.asyncDispose]();
  await stranger[Symbol.asyncDispose]();
});

test("an object that is not there is none, however it is asked for", async () => {
  expect(await aws.bucket.get("none")).toBeUndefined();
  expect(await aws.bucket.get("none", { last: 5 })).toBeUndefined();
  expect(await aws.bucket.head("none")).toBeUndefined();
  expect(await aws.bucket.copy("none", "to")).toBe(false);
});

test("credentials that are not taken are a failure, and no absence", async () => {
  await expect(stranger.bucket.get("none")).rejects.toMatchObject({ code: "unavailable" });
  await expect(stranger.bucket.copy("none", "to")).rejects.toMatchObject({ code: "unavailable" });
});
