import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { DynamoTable } from "./dynamo-table.ts";

/** A client that fails as told, one failure per request, then answers with nothing. */
function tableThatFails(...failures: readonly Error[]) {
  const left = [...failures];
  const waits: number[] = [];
  const units: number[] = [];
  const send = async () => {
    const failure = left.shift();
    if (failure) throw failure;
    return { ConsumedCapacity: [{ CapacityUnits: 2 }, { CapacityUnits: 2 }] };
  };
  const meter = {
    dynamodb: (_name: string, _rru: number, wru: number) => units.push(wru),
    s3: () => undefined,
  };
  const clients = {
    meter,
    dynamodb: () => ({ send }) as unknown as DynamoDBClient,
    s3: () => Promise.reject(new Error("unused")),
    ecs: () => Promise.reject(new Error("unused")),
    sqs: () => Promise.reject(new Error("unused")),
    metered: () => clients,
  };
  const clock = {
    now: () => 0,
    sleep: async (ms: number) => {
      waits.push(ms);
    },
  };
  return { table: new DynamoTable({ clients, name: "zenode", clock }), waits, units };
}

function cancelled(...codes: readonly string[]): Error {
  const CancellationReasons = codes.map((Code) => ({ Code }));
  return Object.assign(new Error("cancelled"), {
    name: "TransactionCanceledException",
    CancellationReasons,
  });
}

function failure(name: string, message = ""): Error {
  return Object.assign(new Error(message), { name });
}

const puts = [{ item: { pk: "T#a#J#1", sk: "job" }, when: "attribute_not_exists(#pk)" }];

test("a transaction that meets another one is tried again, ever later", async () => {
  const conflict = cancelled("TransactionConflict");
  const { table, waits, units } = tableThatFails(conflict, conflict, conflict);
  expect(await table.transact(puts)).toBeUndefined();
  expect(waits).toHaveLength(3);
  expect(waits.every((ms, index) => ms >= 10 * 2 ** index && ms < 30 * 2 ** index)).toBe(true);
  expect(units).toEqual([2, 2, 2, 4]);
});

test("one that meets others each time is a conflict", async () => {
  const conflict = cancelled("None", "TransactionConflict");
  const { table } = tableThatFails(conflict, conflict, conflict, conflict);
  await expect(table.transact(puts)).rejects.toMatchObject({ name: "ConflictError" });
});

test("a condition that is not met is no error", async () => {
  const { table } = tableThatFails(cancelled("ConditionalCheckFailed", "None"));
  expect(await table.transact(puts)).toEqual([{ refused: true }, { refused: false }]);
});

test.each([
  ["ThrottlingException", "", "UnavailableError"],
  ["AccessDeniedException", "", "UnavailableError"],
  ["ValidationException", "Item size has exceeded the maximum allowed size", "RefusedError"],
])("%s becomes %s", async (name, message, expected) => {
  const cause = failure(name, message);
  const { table } = tableThatFails(cause);
  const put = table.put({ pk: "T#a#J#1", sk: "job" });
  await expect(put).rejects.toMatchObject({ name: expected, cause });
});

test("a write that meets a transaction is tried again, ever later; in the end it is a conflict", async () => {
  const met = failure("TransactionConflictException");
  const key = { pk: "T#a#J#1", sk: "job" };
  const passing = tableThatFails(met, met);
  expect(await passing.table.put(key)).toMatchObject({ kind: "written" });
  expect(passing.waits).toHaveLength(2);
  const staying = tableThatFails(met, met, met, met);
  await expect(staying.table.put(key)).rejects.toMatchObject({ name: "ConflictError" });
});
