import { crc32 } from "node:zlib";
import { type AttributeValue, itemBytes } from "./item-size.ts";
import type { Answer } from "./service-error.ts";

/** Request units, as on-demand tables are billed. */
export interface Units {
  readonly readUnits: number;
  readonly writeUnits: number;
}

type JsonObject = Record<string, unknown>;

const READS = new Set(["GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"]);
const ITEM_WRITES = new Set(["PutItem", "UpdateItem", "DeleteItem"]);
const WRITES = new Set([...ITEM_WRITES, "BatchWriteItem", "TransactWriteItems"]);
const STATEMENTS = new Set(["ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"]);

/** A request as the engine gets it, and what it takes to give the client the answer it asked for. */
export interface MeteredRequest {
  readonly body: Buffer;
  meter(answer: Answer): { readonly answer: Answer; readonly units: Units };
}

const NOTHING: Units = { readUnits: 0, writeUnits: 0 };

/**
 * Asks the engine for the capacity a request consumes, also when the client does not. A write whose
 * condition fails is charged for the item that is there, at least one unit ("Read and write operations",
 * developer guide), so the item is asked for too. What only the meter asked for is taken out of the answer.
 * The units of a cancelled transaction are not told by DynamoDB and count as none.
 */
export function meterRequest(operation: string, body: Buffer): MeteredRequest {
  const input = READS.has(operation) || WRITES.has(operation) || STATEMENTS.has(operation);
  const asked = input ? parseObject(body) : undefined;
  if (asked === undefined) return { body, meter: (answer) => ({ answer, units: NOTHING }) };
  const capacity = asked.ReturnConsumedCapacity;
  const silent = capacity === undefined || capacity === "NONE";
  const conditional = ITEM_WRITES.has(operation) && asked.ConditionExpression !== undefined;
  const wantsOld = asked.ReturnValuesOnConditionCheckFailure === "ALL_OLD";
  const extended = {
    ...asked,
    ...(silent ? { ReturnConsumedCapacity: "TOTAL" } : {}),
    ...(conditional ? { ReturnValuesOnConditionCheckFailure: "ALL_OLD" } : {}),
  };
  const reads = READS.has(operation) || /^\s*select\b/i.test(String(asked.Statement ?? ""));
  return {
    body: silent || (conditional && !wantsOld) ? Buffer.from(JSON.stringify(extended)) : body,
    meter: (answer) => {
      const output = parseObject(answer.body) ?? {};
      if (answer.status !== 200) {
        const units = failedUnits(output, conditional);
        const hidden = conditional && !wantsOld && output.Item !== undefined;
        return { answer: hidden ? without(answer, output, "Item") : answer, units };
      }
      const units = unitsOf(output.ConsumedCapacity, reads);
      return { answer: silent ? without(answer, output, "ConsumedCapacity") : answer, units };
    },
  };
}

function unitsOf(consumed: unknown, reads: boolean): Units {
  let [readUnits, writeUnits] = [0, 0];
  for (const entry of Array.isArray(consumed) ? consumed : [consumed]) {
    const { CapacityUnits, ReadCapacityUnits, WriteCapacityUnits } = Object(entry) as JsonObject;
    const told = ReadCapacityUnits !== undefined || WriteCapacityUnits !== undefined;
    readUnits += Number((told ? ReadCapacityUnits : reads && CapacityUnits) || 0);
    writeUnits += Number((told ? WriteCapacityUnits : !reads && CapacityUnits) || 0);
  }
  return { readUnits, writeUnits };
}

function failedUnits(output: JsonObject, conditional: boolean): Units {
  const failed = String(output.__type).endsWith("#ConditionalCheckFailedException");
  if (!failed || !conditional) return NOTHING;
  const item = (output.Item ?? {}) as Record<string, AttributeValue>;
  return { readUnits: 0, writeUnits: Math.max(1, Math.ceil(itemBytes(item) / 1024)) };
}

function without(answer: Answer, output: JsonObject, name: string): Answer {
  const { [name]: _, ...rest } = output;
  const body = Buffer.from(JSON.stringify(rest));
  return { ...answer, headers: { ...answer.headers, "x-amz-crc32": String(crc32(body)) }, body };
}

/** Undefined when it is no JSON object: the engine then tells the client so. */
function parseObject(body: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === "object" && value !== null ? (value as JsonObject) : undefined;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}
