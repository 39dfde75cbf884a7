import { expect, test } from "vitest";
import { readAwsSettings } from "./settings.ts";

test("Lambda's environment gives region and credentials, and AWS's own endpoints", () => {
  const env = {
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "AKID",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_SESSION_TOKEN: "session",
  };
  expect(readAwsSettings(env)).toEqual({
    region: "eu-central-1",
    endpoints: {},
    credentials: { accessKeyId: "AKID", secretAccessKey: "secret", sessionToken: "session" },
  });
});

test("without credentials in the environment the SDK looks for them", () => {
  expect(readAwsSettings({ AWS_REGION: "eu-central-1" })).not.toHaveProperty("credentials");
});

test("a service's own endpoint goes before the one for all", () => {
  const env = {
    AWS_REGION: "eu-central-1",
    AWS_ENDPOINT_URL: "http://127.0.0.1:1",
    AWS_ENDPOINT_URL_S3: "http://127.0.0.1:2",
  };
  expect(readAwsSettings(env).endpoints).toEqual({
    dynamodb: "http://127.0.0.1:1",
    s3: "http://127.0.0.1:2",
    ecs: "http://127.0.0.1:1",
    sqs: "http://127.0.0.1:1",
  });
});

test("a missing region is named", () => {
  expect(() => readAwsSettings({})).toThrow("AWS_REGION is not set.");
});
