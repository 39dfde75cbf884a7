import { expect, test } from "vitest";
import { meterRequest } from "./consumed-capacity.ts";

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function ask(operation: string, input: object, output: object, status = 200) {
  const metered = meterRequest(operation, json(input));
  const { answer, units } = metered.meter({ status, headers: {}, body: json(output) });
  return {
    sent: JSON.parse(metered.body.toString()),
    got: JSON.parse(answer.body.toString()),
    units,
  };
}

const CAPACITY = { TableName: "t", CapacityUnits: 1.5 };

test("the capacity is asked for and taken out again when the client did not ask", () => {
  const { sent, got, units } = ask("GetItem", { Key: 1 }, { Item: 2, ConsumedCapacity: CAPACITY });
  expect(sent).toEqual({ Key: 1, ReturnConsumedCapacity: "TOTAL" });
  expect(got).toEqual({ Item: 2 });
  expect(units).toEqual({ readUnits: 1.5, writeUnits: 0 });
});

test("the capacity a client asked for stays in its answer", () => {
  const input = { ReturnConsumedCapacity: "INDEXES" };
  const { sent, got, units } = ask("PutItem", input, { ConsumedCapacity: CAPACITY });
  expect(sent).toEqual(input);
  expect(got).toEqual({ ConsumedCapacity: CAPACITY });
  expect(units).toEqual({ readUnits: 0, writeUnits: 1.5 });
});

test("several tables add up, a repeated transaction is a read", () => {
  const batch = ask("BatchWriteItem", {}, { ConsumedCapacity: [CAPACITY, CAPACITY] });
  expect(batch.units).toEqual({ readUnits: 0, writeUnits: 3 });
  const repeated = [{ CapacityUnits: 2, ReadCapacityUnits: 2 }];
  const transaction = ask("TransactWriteItems", {}, { ConsumedCapacity: repeated });
  expect(transaction.units).toEqual({ readUnits: 2, writeUnits: 0 });
});

test("a select is a read, an insert a write", () => {
  const read = ask(
    "ExecuteStatement",
    { Statement: " SELECT * FROM t" },
    { ConsumedCapacity: CAPACITY },
  );
  expect(read.units).toEqual({ readUnits: 1.5, writeUnits: 0 });
  const write = ask("ExecuteStatement", { Statement: "INSERT …" }, { ConsumedCapacity: CAPACITY });
  expect(write.units).toEqual({ readUnits: 0, writeUnits: 1.5 });
});

const FAILED = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";

test("a failed condition is charged for the item that is there, which only who asked gets", () => {
  const input = { ConditionExpression: "c" };
  const output = { __type: FAILED, message: "m", Item: { pk: { S: "x".repeat(2047) } } };
  const { sent, got, units } = ask("PutItem", input, output, 400);
  expect(sent).toMatchObject({ ReturnValuesOnConditionCheckFailure: "ALL_OLD" });
  expect(got).toEqual({ __type: FAILED, message: "m" });
  expect(units).toEqual({ readUnits: 0, writeUnits: 3 });
  const asked = { ...input, ReturnValuesOnConditionCheckFailure: "ALL_OLD" };
  expect(ask("PutItem", asked, output, 400).got).toEqual(output);
});

test("a failed condition without an item costs one unit, another error nothing", () => {
  const input = { ConditionExpression: "c" };
  expect(ask("UpdateItem", input, { __type: FAILED }, 400).units.writeUnits).toBe(1);
  expect(ask("UpdateItem", input, { __type: "x#ValidationException" }, 400).units.writeUnits).toBe(
    0,
  );
});

test("what is no JSON goes through as it is", () => {
  const body = Buffer.from("{");
  expect(meterRequest("PutItem", body).body).toBe(body);
  expect(meterRequest("ListTables", json({})).body.toString()).toBe("{}");
});
