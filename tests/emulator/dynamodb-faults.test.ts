import { readFileSync } from "node:fs";
import { join } from "node:path";
import { UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type DynamoDbFixture,
  documentsOf,
  dynamoDbClient,
  dynamoDbWith,
  TABLE,
} from "./dynamodb-fixture.ts";

let fixture: DynamoDbFixture;
beforeEach(async () => {
  fixture = await dynamoDbWith();
});
afterEach(() => fixture[Symbol.asyncDispose]());

function put(sk: string, attributes: object = {}, input: object = {}) {
  const Item = { pk: "p", sk, ...attributes };
  return fixture.documents.send(new PutCommand({ TableName: TABLE, Item, ...input }));
}

async function get(sk: string): Promise<Record<string, unknown> | undefined> {
  const Key = { pk: "p", sk };
  return (await fixture.documents.send(new GetCommand({ TableName: TABLE, Key }))).Item;
}

describe("faults", () => {
  test.each([
    ["throttle", 400, "ProvisionedThroughputExceededException"],
    ["error", 500, "InternalServerError"],
  ] as const)("%s answers %d %s and does nothing", async (kind, status, name) => {
    fixture.faults.add({ service: "dynamodb", operation: "PutItem", action: { kind }, times: 1 });
    expect(await get("1")).toBeUndefined();
    await expect(put("1")).rejects.toMatchObject({
      name,
      $metadata: { httpStatusCode: status },
    });
    expect(await get("1")).toBeUndefined();
  });

  test("a client that retries gets over throttling", async () => {
    fixture.faults.add({ service: "dynamodb", action: { kind: "throttle" }, times: 3 });
    const client = dynamoDbClient(fixture.dynamoDb.endpoint, 5);
    const input = { TableName: TABLE, Item: { pk: "p", sk: "1" } };
    await documentsOf(client).send(new PutCommand(input));
    expect(fixture.usage.map(({ status }) => status)).toEqual([400, 400, 400, 200]);
  });

  test("a lost answer leaves the item written", async () => {
    const action = { kind: "lose-answer" } as const;
    fixture.faults.add({ service: "dynamodb", operation: "PutItem", action, times: 1 });
    await expect(put("1", { v: 1 })).rejects.toThrow();
    expect(await get("1")).toEqual({ pk: "p", sk: "1", v: 1 });
    expect(fixture.usage[0]).toMatchObject({ operation: "PutItem", writeUnits: 1, status: 0 });
  });

  test("a torn answer is no answer", async () => {
    await put("1", { pad: "x".repeat(5_000) });
    const action = { kind: "tear", afterBytes: 100 } as const;
    fixture.faults.add({ service: "dynamodb", operation: "GetItem", action, times: 1 });
    await expect(get("1")).rejects.toThrow();
    expect(await get("1")).toBeDefined();
  });

  test("a delayed request lets the others pass", async () => {
    const action = { kind: "delay", ms: 150 } as const;
    fixture.faults.add({ service: "dynamodb", operation: "PutItem", action, times: 1 });
    const order: string[] = [];
    await Promise.all([
      put("1").then(() => order.push("put")),
      get("1").then(() => order.push("get")),
    ]);
    expect(order).toEqual(["get", "put"]);
  });

  test("nobody without an access key is served", async () => {
    const answer = await fetch(fixture.dynamoDb.endpoint, {
      method: "POST",
      headers: { "x-amz-target": "DynamoDB_20120810.ListTables" },
      body: "{}",
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("MissingAuthenticationTokenException");
  });
});

describe("metering", () => {
  /** Units by the rules of "Read and write operations", developer guide. */
  test.each([
    ["1 KB written", () => put("1"), { readUnits: 0, writeUnits: 1 }],
    ["1.5 KB written", () => put("1", { pad: "x".repeat(1500) }), { readUnits: 0, writeUnits: 2 }],
    [
      "1 KB written with an entry in an index",
      () => put("1", { owner: "o", since: "s" }),
      { readUnits: 0, writeUnits: 2 },
    ],
    ["nothing read", () => get("none"), { readUnits: 0.5, writeUnits: 0 }],
    [
      "nothing read consistently",
      () =>
        fixture.documents.send(
          new GetCommand({ TableName: TABLE, Key: { pk: "p", sk: "1" }, ConsistentRead: true }),
        ),
      { readUnits: 1, writeUnits: 0 },
    ],
    [
      "an empty query",
      () =>
        fixture.documents.send(
          new QueryCommand({
            TableName: TABLE,
            KeyConditionExpression: "pk = :p",
            ExpressionAttributeValues: { ":p": "none" },
          }),
        ),
      { readUnits: 0.5, writeUnits: 0 },
    ],
    [
      "two items read in a batch",
      () =>
        fixture.documents.send(
          new BatchGetCommand({
            RequestItems: {
              [TABLE]: {
                Keys: [
                  { pk: "p", sk: "1" },
                  { pk: "p", sk: "2" },
                ],
              },
            },
          }),
        ),
      { readUnits: 1, writeUnits: 0 },
    ],
    [
      "two items written in a transaction",
      () =>
        fixture.documents.send(
          new TransactWriteCommand({
            TransactItems: ["1", "2"].map((sk) => ({
              Put: { TableName: TABLE, Item: { pk: "p", sk } },
            })),
          }),
        ),
      { readUnits: 0, writeUnits: 4 },
    ],
  ] as const)("%s", async (_, request, units) => {
    const answer = (await request()) as { ConsumedCapacity?: unknown } | undefined;
    expect(answer?.ConsumedCapacity).toBeUndefined();
    expect(fixture.usage).toMatchObject([{ ...units, status: 200 }]);
  });

  test("a condition that fails costs the item that is there", async () => {
    await put("1", { pad: "x".repeat(2500) });
    const ConditionExpression = "attribute_not_exists(pk)";
    const failure = await put("1", {}, { ConditionExpression }).catch((cause) => cause);
    expect(failure).toMatchObject({ name: "ConditionalCheckFailedException", Item: undefined });
    expect(fixture.usage.at(-1)).toMatchObject({ writeUnits: 3, status: 400 });
  });

  test("who asks for the capacity gets it", async () => {
    const { ConsumedCapacity } = await put("1", {}, { ReturnConsumedCapacity: "TOTAL" });
    expect(ConsumedCapacity).toMatchObject({ TableName: TABLE, CapacityUnits: 1 });
    expect(fixture.usage.at(-1)).toMatchObject({ writeUnits: 1 });
  });
});

describe("time to live", () => {
  const HOUR_MS = 3_600_000;
  const nowSeconds = () => Math.floor(fixture.clock.now() / 1000);

  test("an expired item is there until a sweep a minute after its expiry", async () => {
    await put("short", { expires: nowSeconds() + 3600 });
    await put("long", { expires: nowSeconds() + 7200 });
    await put("never");
    await put("text", { expires: "soon" });
    fixture.clock.advance(HOUR_MS);
    expect(await fixture.dynamoDb.sweep()).toBe(0);
    expect(await get("short")).toBeDefined();
    fixture.clock.advance(60_000);
    expect(await fixture.dynamoDb.sweep()).toBe(1);
    expect(await get("short")).toBeUndefined();
    fixture.clock.advance(10 * HOUR_MS);
    expect(await fixture.dynamoDb.sweep()).toBe(1);
    expect(await get("never")).toBeDefined();
    expect(await get("text")).toBeDefined();
  });

  test("an item that expired more than five years ago stays", async () => {
    await put("old", { expires: nowSeconds() - 6 * 365 * 86_400 });
    await put("recent", { expires: nowSeconds() - 4 * 365 * 86_400 });
    expect(await fixture.dynamoDb.sweep()).toBe(1);
    expect(await get("old")).toBeDefined();
  });

  test("an item whose expiry is moved in time stays", async () => {
    await put("moved", { expires: nowSeconds() - 3600 });
    await fixture.documents.send(
      new UpdateCommand({
        TableName: TABLE,
        Key: { pk: "p", sk: "moved" },
        UpdateExpression: "SET expires = :later",
        ExpressionAttributeValues: { ":later": nowSeconds() + 3600 },
      }),
    );
    expect(await fixture.dynamoDb.sweep()).toBe(0);
  });

  test("many items go in one sweep, and none counts as a request", async () => {
    const expires = nowSeconds() - 3600;
    const pad = "x".repeat(100_000);
    for (let index = 0; index < 30; index++) await put(`many${index}`, { expires, pad });
    const requests = fixture.usage.length;
    expect(await fixture.dynamoDb.sweep()).toBe(30);
    expect(fixture.usage).toHaveLength(requests);
  });

  test("without TTL nothing is deleted", async () => {
    await put("1", { expires: nowSeconds() - 3600 });
    const TimeToLiveSpecification = { AttributeName: "expires", Enabled: false };
    await fixture.client.send(
      new UpdateTimeToLiveCommand({ TableName: TABLE, TimeToLiveSpecification }),
    );
    expect(await fixture.dynamoDb.sweep()).toBe(0);
  });

  test("sweeps come by themselves", async () => {
    await using own = await dynamoDbWith({ ttlSweepMs: 20, ttlDelayMs: 0 });
    const Item = { pk: "p", sk: "1", expires: Math.floor(Date.now() / 1000) - 1 };
    await own.documents.send(new PutCommand({ TableName: TABLE, Item }));
    const read = async () => {
      const Key = { pk: "p", sk: "1" };
      return (await own.documents.send(new GetCommand({ TableName: TABLE, Key }))).Item;
    };
    await expect.poll(read, { timeout: 10_000 }).toBeUndefined();
  });
});

test("an engine that dies is started anew, with every item", async () => {
  await put("1", { v: 1 });
  const record = readFileSync(join(fixture.dir, "processes.jsonl"), "utf8");
  process.kill(JSON.parse(record).pid, "SIGKILL");
  const patient = documentsOf(dynamoDbClient(fixture.dynamoDb.endpoint, 5));
  const Key = { pk: "p", sk: "1" };
  const { Item } = await patient.send(new GetCommand({ TableName: TABLE, Key }));
  expect(Item).toEqual({ pk: "p", sk: "1", v: 1 });
});

test("another engine can be named instead", async () => {
  await put("1", { v: 1 });
  await using front = await dynamoDbWith({ endpoint: fixture.dynamoDb.endpoint, tables: [] });
  const Key = { pk: "p", sk: "1" };
  const { Item } = await front.documents.send(new GetCommand({ TableName: TABLE, Key }));
  expect(Item).toEqual({ pk: "p", sk: "1", v: 1 });
});
