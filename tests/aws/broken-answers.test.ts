import type { Fault } from "@zenode/emulator";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type AwsFixture, startAws } from "./aws-fixture.ts";

let aws: AwsFixture;
beforeAll(async () => {
  aws = await startAws({ idleTimeoutMs: 300 });
});
afterEach(() => aws.faults.clear());
afterAll(async () => {
  await aws[Symbol.asyncDispose]();
});

const CONTENT = new Uint8Array(500_000).map((_, at) => at % 251);
const ITEM = { pk: "p", sk: "s", pad: "x".repeat(5_000) };

describe.each(["tear", "stall"] as const)("answers that %s", (kind) => {
  const action = { kind, afterBytes: 100 } as const;
  const torn = { service: "s3", operation: "GetObject", action } as const satisfies Fault;

  test("an object is read again", async () => {
    await aws.bucket.put("k", CONTENT, false);
    aws.faults.add({ ...torn, times: 3 });
    expect(await aws.bucket.get("k")).toMatchObject({ body: CONTENT, size: 500_000 });
    expect(await aws.bucket.get("k", { from: 7, to: 9 })).toMatchObject({
      body: CONTENT.slice(7, 10),
      size: 500_000,
    });
  });

  test("an object that never comes whole is a failure of the platform's", async () => {
    await aws.bucket.put("k", CONTENT, false);
    aws.faults.add(torn);
    await expect(aws.bucket.get("k")).rejects.toMatchObject({ code: "unavailable" });
  });

  test("an item is read again", async () => {
    await aws.table.put(ITEM);
    aws.faults.add({ service: "dynamodb", operation: "GetItem", action, times: 3 });
    expect(await aws.table.get({ pk: "p", sk: "s" })).toEqual(ITEM);
  });
});
