import type { AttributeValue, CancellationReason } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { ConflictError, type PlatformError, RefusedError, UnavailableError } from "@zenode/core";
import { isAwsException, toPlatformError } from "./aws-failure.ts";
import type { Attributes } from "./stored-item.ts";

/** What became of one put of a transaction that was not carried out. */
export interface PutRefusal {
  /** Whether this put's own condition was not met. */
  readonly refused: boolean;
  /** The item that is there. */
  readonly held?: Attributes;
}

/** Why DynamoDB cancelled a transaction, one reason per item in its order; empty for other errors. */
export function cancellationReasons(cause: unknown): readonly CancellationReason[] {
  if (!isAwsException(cause, "TransactionCanceledException")) return [];
  return (
    (cause as { readonly CancellationReasons?: readonly CancellationReason[] })
      .CancellationReasons ?? []
  );
}

export function hasCode(reasons: readonly CancellationReason[], code: string): boolean {
  return reasons.some(({ Code }) => Code === code);
}

export function toRefusals(reasons: readonly CancellationReason[]): readonly PutRefusal[] {
  return reasons.map(({ Code, Item }) => ({
    refused: Code === "ConditionalCheckFailed",
    ...(Item && { held: unmarshall(Item as Record<string, AttributeValue>) }),
  }));
}

/** The platform's error for a transaction that failed for another reason than a condition. */
export function toTransactionError(cause: unknown): PlatformError {
  const reasons = cancellationReasons(cause);
  if (reasons.length === 0) return toPlatformError("DynamoDB", "TransactWriteItems", cause);
  if (hasCode(reasons, "TransactionConflict")) {
    return new ConflictError("Other writes to the same data were in the way each time.", { cause });
  }
  if (
    reasons.some(
      ({ Code, Message }) => Code === "ValidationError" && /item size/i.test(Message ?? ""),
    )
  ) {
    const message = "This is larger than what can be stored in one item (400 KB). Make it smaller.";
    return new RefusedError("too_large", message, { cause });
  }
  const codes = reasons.map(({ Code }) => Code).join(", ");
  return new UnavailableError(`DynamoDB did not carry out TransactWriteItems (${codes}).`, {
    cause,
  });
}
