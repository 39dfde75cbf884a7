import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

const ENV = {
  ZENODE_TABLE: "t",
  ZENODE_BUCKET: "b",
  AWS_REGION: "us-east-1",
  ZENODE_CLUSTER: "c",
  ZENODE_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/1/wakeups",
  ZENODE_JOBS_PER_TENANT: "100",
  ZENODE_STORAGE_GIB: "10",
  ZENODE_PROJECTS_PER_TENANT: "100",
  ZENODE_FILES_PER_PROJECT: "200000",
  ZENODE_SNAPSHOTS_PER_PROJECT: "20000",
  ZENODE_TASK_DEFINITION: "d:1",
  ZENODE_ISSUER: "https://issuer.example",
  ZENODE_PUBLIC_URL: "https://z.example",
  ZENODE_STATE_KEYS: "key",
};

test("the pace of reading logs is left alone unless it is set", () => {
  expect(readConfig(ENV)).not.toHaveProperty("logPollMs");
  expect(readConfig({ ...ENV, ZENODE_LOG_POLL_MS: "400" }).logPollMs).toBe(400);
});

test.each(["0", "-1", "fast", "1.5", "9999999"])("a pace of %s is a mistake, named", (value) => {
  expect(() => readConfig({ ...ENV, ZENODE_LOG_POLL_MS: value })).toThrow(
    `ZENODE_LOG_POLL_MS is ${value}: no milliseconds.`,
  );
});

test("a variable that is missing is named", () => {
  const { ZENODE_ISSUER: _, ...rest } = ENV;
  expect(() => readConfig(rest)).toThrow("ZENODE_ISSUER is not set.");
});

test.each(["0", "1001", "many", "-5", "1.5"])("%s jobs of a tenant are a mistake", (value) => {
  expect(() => readConfig({ ...ENV, ZENODE_JOBS_PER_TENANT: value })).toThrow(
    `ZENODE_JOBS_PER_TENANT is ${value}: it takes a number from 1 to 1000.`,
  );
});
