import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

const ENV = {
  ZENODE_TABLE: "t",
  ZENODE_BUCKET: "b",
  AWS_REGION: "us-east-1",
  ZENODE_CLUSTER: "c",
  ZENODE_TASK_DEFINITION: "d:1",
  ZENODE_ISSUER: "https://issuer.example",
  ZENODE_PUBLIC_URL: "https://z.example",
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
