import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { type Condition, conditionParts, toAttributes } from "./expression.ts";
import type { ItemKey } from "./key.ts";
import type { Attributes } from "./stored-item.ts";

export interface TransactionPut extends Condition {
  readonly item: ItemKey & Attributes;
}

/** Writes nothing: the whole transaction depends on it. */
export interface TransactionCheck extends Condition {
  readonly check: ItemKey;
}

export type TransactionPart = TransactionPut | TransactionCheck;

export function toTransactItem(TableName: string, part: TransactionPart): TransactWriteItem {
  if ("check" in part) {
    const { check, ...condition } = part;
    const parts = { ConditionExpression: part.when, ...conditionParts(condition) };
    return { ConditionCheck: { TableName, Key: toAttributes({ ...check }), ...parts } };
  }
  const { item, ...condition } = part;
  return { Put: { TableName, Item: toAttributes({ ...item }), ...conditionParts(condition) } };
}
