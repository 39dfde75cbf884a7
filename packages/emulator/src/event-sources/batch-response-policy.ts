/** Which messages of a batch are done (deleted) and which come again, by id. */
export type BatchVerdict =
  | { readonly kind: "success" }
  | { readonly kind: "partial"; readonly failedIds: ReadonlySet<string> }
  | { readonly kind: "failure"; readonly reason: string };

/**
 * What a function's answer means with ReportBatchItemFailures. Nothing and an empty list are a success; a
 * list with a member that names no message of the batch is a failure of all. Source: Lambda Developer Guide,
 * "Handling errors for an SQS event source in Lambda", "Success and failure conditions".
 */
export function judgeBatchResponse(answer: unknown, ids: ReadonlySet<string>): BatchVerdict {
  if (answer === null || answer === undefined) return { kind: "success" };
  if (typeof answer !== "object") return failure("The answer is no object.");
  const { batchItemFailures: failures } = answer as { batchItemFailures?: unknown };
  if (failures === null || failures === undefined) return { kind: "success" };
  if (!Array.isArray(failures)) return failure("batchItemFailures is no list.");
  const failedIds = new Set<string>();
  for (const item of failures as unknown[]) {
    const { itemIdentifier: id } = Object(item) as { itemIdentifier?: unknown };
    if (typeof id !== "string" || !ids.has(id)) {
      return failure(`An itemIdentifier names no message of the batch: ${JSON.stringify(item)}.`);
    }
    failedIds.add(id);
  }
  return failedIds.size === 0 ? { kind: "success" } : { kind: "partial", failedIds };
}

function failure(reason: string): BatchVerdict {
  return { kind: "failure", reason };
}
