import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ListTablesCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DynamoDbFixture, dynamoDbWith, TABLE } from "./dynamodb-fixture.ts";

let fixture: DynamoDbFixture;
beforeAll(async () => {
  fixture = await dynamoDbWith();
});
afterAll(() => fixture[Symbol.asyncDispose]());

type Item = Record<string, unknown>;

function put(Item: Item, input: object = {}) {
  return fixture.documents.send(new PutCommand({ TableName: TABLE, Item, ...input }));
}

async function get(pk: string, sk: string): Promise<Item | undefined> {
  const input = { TableName: TABLE, Key: { pk, sk }, ConsistentRead: true };
  return (await fixture.documents.send(new GetCommand(input))).Item;
}

function update(pk: string, sk: string, UpdateExpression: string, input: object) {
  const Key = { pk, sk };
  return fixture.documents.send(
    new UpdateCommand({ TableName: TABLE, Key, UpdateExpression, ...input }),
  );
}

function query(input: Partial<QueryCommandInput>) {
  return fixture.documents.send(new QueryCommand({ TableName: TABLE, ...input }));
}

function transact(TransactItems: object[], input: object = {}) {
  return fixture.documents.send(new TransactWriteCommand({ TransactItems, ...input }));
}

describe("tables", () => {
  test("the template's are there, on demand, with their index, TTL and place", async () => {
    const { Table } = await fixture.client.send(new DescribeTableCommand({ TableName: TABLE }));
    expect(Table).toMatchObject({
      TableStatus: "ACTIVE",
      TableArn: "arn:aws:dynamodb:eu-central-1:111122223333:table/things",
      BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" },
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      GlobalSecondaryIndexes: [
        { IndexName: "by-owner", IndexStatus: "ACTIVE", Projection: { ProjectionType: "ALL" } },
      ],
    });
    const ttl = new DescribeTimeToLiveCommand({ TableName: TABLE });
    expect((await fixture.client.send(ttl)).TimeToLiveDescription).toEqual({
      TimeToLiveStatus: "ENABLED",
      AttributeName: "expires",
    });
  });

  test("others can be made and deleted", async () => {
    const TableName = "others";
    const { client } = fixture;
    const creation = new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "N" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    });
    await client.send(creation);
    await expect(client.send(creation)).rejects.toMatchObject({ name: "ResourceInUseException" });
    await client.send(
      new UpdateTimeToLiveCommand({
        TableName,
        TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
      }),
    );
    expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual([TableName, TABLE]);
    await client.send(new DeleteTableCommand({ TableName }));
    expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual([TABLE]);
  });
});

describe("single items", () => {
  const FAILED = { name: "ConditionalCheckFailedException" };

  test("a put that must not overwrite does not, and shows what is there when asked", async () => {
    const item = { pk: "cond", sk: "1", n: 1 };
    const ConditionExpression = "attribute_not_exists(pk)";
    await put(item, { ConditionExpression });
    const again = { ...item, n: 2 };
    await expect(put(again, { ConditionExpression })).rejects.toMatchObject(FAILED);
    const showing = { ConditionExpression, ReturnValuesOnConditionCheckFailure: "ALL_OLD" };
    await expect(put(again, showing)).rejects.toMatchObject({
      ...FAILED,
      Item: { pk: { S: "cond" }, sk: { S: "1" }, n: { N: "1" } },
    });
    expect(await get("cond", "1")).toEqual(item);
  });

  test("an update whose condition fails shows what is there when asked", async () => {
    await put({ pk: "shown", sk: "1", n: 1 });
    const input = {
      ConditionExpression: "n = :v",
      ExpressionAttributeValues: { ":x": 5, ":v": 99 },
    };
    const silent = await update("shown", "1", "SET n = :x", input).catch((cause) => cause);
    expect(silent).toMatchObject(FAILED);
    expect(silent.Item).toBeUndefined();
    const showing = { ...input, ReturnValuesOnConditionCheckFailure: "ALL_OLD" };
    const outcome = update("shown", "1", "SET n = :x", showing);
    await expect(outcome).rejects.toMatchObject({
      Item: { pk: { S: "shown" }, sk: { S: "1" }, n: { N: "1" } },
    });
  });

  test.each([
    ["ADD n :v", { ":v": 5 }, { n: 6 }],
    ["ADD tags :v", { ":v": new Set(["z"]) }, { tags: new Set(["x", "y", "z"]) }],
    ["DELETE tags :v", { ":v": new Set(["x"]) }, { tags: new Set(["y"]) }],
    ["SET l = list_append(l, :v)", { ":v": [{ a: 1 }] }, { l: [1, { a: 1 }] }],
    ["SET m = list_append(if_not_exists(m, :e), :v)", { ":e": [], ":v": [2] }, { m: [2] }],
    ["SET c = if_not_exists(c, :z) + :one", { ":z": 0, ":one": 1 }, { c: 1 }],
    ["SET doc.st.v = doc.st.v - :one", { ":one": 1 }, { doc: { st: { v: 0 } } }],
    ["SET l[0] = :v", { ":v": 9 }, { l: [9] }],
  ])("%s", async (expression, ExpressionAttributeValues, changed) => {
    const item = {
      ...{ pk: "update", sk: "1", n: 1, l: [1] },
      ...{ tags: new Set(["x", "y"]), doc: { st: { v: 1 } } },
    };
    await put(item);
    const input = { ExpressionAttributeValues, ReturnValues: "ALL_NEW" };
    const { Attributes } = await update("update", "1", expression, input);
    expect(Attributes).toEqual({ ...item, ...changed });
  });

  test("REMOVE takes away, UPDATED_NEW shows what changed only", async () => {
    await put({ pk: "remove", sk: "1", a: 1, b: 2 });
    const { Attributes } = await update("remove", "1", "SET a = :two REMOVE b", {
      ExpressionAttributeValues: { ":two": 2 },
      ReturnValues: "UPDATED_NEW",
    });
    expect(Attributes).toEqual({ a: 2 });
    expect(await get("remove", "1")).toEqual({ pk: "remove", sk: "1", a: 2 });
  });

  test("conditions reach into documents by names and compare sizes and ranges", async () => {
    await put({ pk: "deep", sk: "1", doc: { st: { v: 1 } } });
    const { Attributes } = await update("deep", "1", "SET #d.#s.v = #d.#s.v + :i", {
      ConditionExpression: "#d.#s.v BETWEEN :a AND :b AND size(#d) > :z",
      ExpressionAttributeNames: { "#d": "doc", "#s": "st" },
      ExpressionAttributeValues: { ":i": 1, ":a": 0, ":b": 5, ":z": 0 },
      ReturnValues: "ALL_NEW",
    });
    expect(Attributes?.doc).toEqual({ st: { v: 2 } });
  });

  test("a delete with a condition gives back what it deleted", async () => {
    await put({ pk: "gone", sk: "1", v: 2 });
    const remove = () =>
      fixture.documents.send(
        new DeleteCommand({
          TableName: TABLE,
          Key: { pk: "gone", sk: "1" },
          ConditionExpression: "attribute_exists(v)",
          ReturnValues: "ALL_OLD",
        }),
      );
    expect((await remove()).Attributes).toEqual({ pk: "gone", sk: "1", v: 2 });
    await expect(remove()).rejects.toMatchObject(FAILED);
  });

  test("binary comes back as it went", async () => {
    await put({ pk: "binary", sk: "1", b: new Uint8Array([0, 255, 7]) });
    const { b } = (await get("binary", "1")) ?? {};
    expect(Buffer.from(b as Uint8Array).toString("hex")).toBe("00ff07");
  });

  test("an item ends at 400 KB", async () => {
    const b = "x".repeat(410 * 1024);
    await expect(put({ pk: "big", sk: "1", b })).rejects.toMatchObject({
      name: "ValidationException",
    });
  });

  test("100 additions at once all count", async () => {
    const input = { ExpressionAttributeValues: { ":one": 1 } };
    await Promise.all(Array.from({ length: 100 }, () => update("atom", "1", "ADD n :one", input)));
    expect((await get("atom", "1"))?.n).toBe(100);
  });
});

describe("batches and queries", () => {
  beforeAll(async () => {
    const entries = Array.from({ length: 25 }, (_, index) => {
      const sk = `e#${String(index).padStart(4, "0")}`;
      const Item = { pk: "q", sk, owner: "O", since: sk, n: index, pad: "x".repeat(200) };
      return { PutRequest: { Item } };
    });
    const { UnprocessedItems } = await fixture.documents.send(
      new BatchWriteCommand({ RequestItems: { [TABLE]: entries } }),
    );
    expect(UnprocessedItems).toEqual({});
  });

  const keysOf = (items: readonly Item[] = []) => items.map(({ sk }) => sk);

  test("a batch reads several items", async () => {
    const Keys = ["e#0000", "e#0001", "e#9999"].map((sk) => ({ pk: "q", sk }));
    const { Responses } = await fixture.documents.send(
      new BatchGetCommand({ RequestItems: { [TABLE]: { Keys, ConsistentRead: true } } }),
    );
    expect(keysOf(Responses?.[TABLE]).sort()).toEqual(["e#0000", "e#0001"]);
  });

  test.each([
    ["sk BETWEEN :a AND :b", { ":a": "e#0003", ":b": "e#0005" }, ["e#0003", "e#0004", "e#0005"]],
    ["sk > :a", { ":a": "e#0022" }, ["e#0023", "e#0024"]],
    ["sk = :a", { ":a": "e#0007" }, ["e#0007"]],
    ["begins_with(sk, :a)", { ":a": "e#002" }, ["e#0020", "e#0021", "e#0022", "e#0023", "e#0024"]],
  ])("a query with %s", async (range, values, keys) => {
    const { Items } = await query({
      ConsistentRead: true,
      KeyConditionExpression: `pk = :p AND ${range}`,
      ExpressionAttributeValues: { ":p": "q", ...values },
    });
    expect(keysOf(Items)).toEqual(keys);
  });

  test("backwards with a limit there is a key to go on with", async () => {
    const { Items, LastEvaluatedKey } = await query({
      KeyConditionExpression: "pk = :p AND sk > :a",
      ExpressionAttributeValues: { ":p": "q", ":a": "e#0020" },
      Limit: 2,
      ScanIndexForward: false,
    });
    expect(keysOf(Items)).toEqual(["e#0024", "e#0023"]);
    expect(LastEvaluatedKey).toEqual({ pk: "q", sk: "e#0023" });
  });

  test("a filter leaves out after the limit has counted", async () => {
    const sizes: (number | undefined)[] = [];
    let ExclusiveStartKey: Item | undefined;
    do {
      const page = await query({
        KeyConditionExpression: "pk = :p AND begins_with(sk, :a)",
        FilterExpression: "n <> :x",
        ExpressionAttributeValues: { ":p": "q", ":a": "e#001", ":x": 12 },
        Limit: 4,
        ExclusiveStartKey,
      });
      sizes.push(page.Count);
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    expect(sizes).toEqual([3, 4, 2]);
  });

  test("an index is queried by its own keys, never consistently", async () => {
    const byOwner = {
      IndexName: "by-owner",
      KeyConditionExpression: "#o = :o AND since >= :s",
      ExpressionAttributeNames: { "#o": "owner" },
      ExpressionAttributeValues: { ":o": "O", ":s": "e#0022" },
    };
    expect(keysOf((await query(byOwner)).Items)).toEqual(["e#0022", "e#0023", "e#0024"]);
    await expect(query({ ...byOwner, ConsistentRead: true })).rejects.toMatchObject({
      name: "ValidationException",
    });
  });

  test("a page ends at 1 MB", async () => {
    for (const sk of ["0", "1", "2", "3", "4"]) {
      await put({ pk: "mb", sk, b: "x".repeat(300 * 1024) });
    }
    const { Items, LastEvaluatedKey } = await query({
      KeyConditionExpression: "pk = :p",
      ExpressionAttributeValues: { ":p": "mb" },
    });
    expect(Items?.length).toBeLessThan(5);
    expect(LastEvaluatedKey).toBeDefined();
  });

  test("a scan sees what its filter lets through, page by page", async () => {
    const keys: unknown[] = [];
    let ExclusiveStartKey: Item | undefined;
    do {
      const page = await fixture.documents.send(
        new ScanCommand({
          TableName: TABLE,
          FilterExpression: "pk = :p AND n < :n",
          ExpressionAttributeValues: { ":p": "q", ":n": 2 },
          ExclusiveStartKey,
        }),
      );
      keys.push(...keysOf(page.Items));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    expect(keys).toEqual(["e#0000", "e#0001"]);
  });
});

describe("transactions", () => {
  const ADD = "ADD n :one";
  const ONE = { ":one": 1 };
  const counter = (sk: string) => ({
    Update: {
      ...{ TableName: TABLE, Key: { pk: "tx", sk }, UpdateExpression: ADD },
      ExpressionAttributeValues: ONE,
    },
  });
  const create = (sk: string) => ({
    Put: {
      ...{ TableName: TABLE, Item: { pk: "tx", sk, v: 1 } },
      ConditionExpression: "attribute_not_exists(pk)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  });

  test("all is done, or nothing with the reasons", async () => {
    await transact([create("1"), counter("count")]);
    const failure = await transact([counter("count"), create("1")]).catch((cause) => cause);
    expect(failure.name).toBe("TransactionCanceledException");
    expect(failure.CancellationReasons).toMatchObject([
      { Code: "None" },
      { Code: "ConditionalCheckFailed", Item: { v: { N: "1" } } },
    ]);
    expect((await get("tx", "count"))?.n).toBe(1);
  });

  test("a condition on an item that is not written holds the others back", async () => {
    const Key = { pk: "tx", sk: "absent" };
    const check = { TableName: TABLE, Key, ConditionExpression: "attribute_exists(pk)" };
    const outcome = transact([counter("checked"), { ConditionCheck: check }]);
    await expect(outcome).rejects.toMatchObject({ name: "TransactionCanceledException" });
    expect(await get("tx", "checked")).toBeUndefined();
  });

  test("the same token does it once, with other content it is refused", async () => {
    const ClientRequestToken = "token-1";
    await transact([counter("once")], { ClientRequestToken });
    await transact([counter("once")], { ClientRequestToken });
    expect((await get("tx", "once"))?.n).toBe(1);
    const other = transact([counter("twice")], { ClientRequestToken });
    await expect(other).rejects.toMatchObject({ name: "IdempotentParameterMismatchException" });
  });

  test("a reading transaction gives its items in order", async () => {
    await put({ pk: "tx", sk: "read", v: 7 });
    const Get = (sk: string) => ({ Get: { TableName: TABLE, Key: { pk: "tx", sk } } });
    const { Responses } = await fixture.documents.send(
      new TransactGetCommand({ TransactItems: [Get("read"), Get("never")] }),
    );
    expect(Responses?.map(({ Item }) => Item?.v)).toEqual([7, undefined]);
  });
});
