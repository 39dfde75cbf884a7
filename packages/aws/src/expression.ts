import { marshall, type NativeAttributeValue } from "@aws-sdk/util-dynamodb";

export type ExpressionValues = Readonly<Record<string, NativeAttributeValue>>;

/** A condition on the item as it is stored; see `expressionParts` for its names and values. */
export interface Condition {
  readonly when: string;
  readonly values?: ExpressionValues;
}

/** A condition of a put, as a request has it; the item that fails it comes back. */
export function conditionParts(condition: Condition | undefined) {
  if (!condition) return {};
  return {
    ConditionExpression: condition.when,
    ...expressionParts([condition.when], condition.values ?? {}),
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  } as const;
}

/**
 * The names and values of expressions: every `#name` in them is the attribute of that name (half
 * of the good words are reserved), every `:name` is taken from `values`.
 */
export function expressionParts(
  expressions: readonly (string | undefined)[],
  values: ExpressionValues,
) {
  const names: Record<string, string> = {};
  for (const expression of expressions) {
    for (const [placeholder] of (expression ?? "").matchAll(/#\w+/g)) {
      names[placeholder] = placeholder.slice(1);
    }
  }
  const named = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`:${name}`, value]),
  );
  return {
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ...(Object.keys(named).length > 0 && { ExpressionAttributeValues: toAttributes(named) }),
  };
}

/** JavaScript values as DynamoDB's; absent stays absent. */
export function toAttributes(values: Readonly<Record<string, NativeAttributeValue>>) {
  return marshall(values, { removeUndefinedValues: true });
}
