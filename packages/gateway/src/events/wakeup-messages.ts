import { isId, type Wakeup } from "@zenode/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";

/**
 * Looks after the job of each message. Messages that failed are named, so that SQS delivers these
 * again and no others, and puts them into the dead-letter queue in the end (Lambda developer guide,
 * "Reporting batch item failures").
 */
export async function handleWakeups(
  { Records: records }: Pick<SQSEvent, "Records">,
  look: (wakeup: Wakeup) => Promise<unknown>,
  report: (cause: unknown, messageId: string) => void,
): Promise<SQSBatchResponse> {
  const batchItemFailures: SQSBatchResponse["batchItemFailures"] = [];
  const take = async ({ messageId, body }: SQSEvent["Records"][number]) => {
    try {
      await look(parseWakeup(body));
    } catch (cause) {
      report(cause, messageId);
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  };
  await Promise.all(records.map(take));
  return { batchItemFailures };
}

/** @throws Error for what is no wakeup of ours. */
export function parseWakeup(body: string): Wakeup {
  const value: unknown = JSON.parse(body);
  if (typeof value === "object" && value !== null && "kind" in value) {
    const { kind, tenant, id } = value as Record<string, unknown>;
    const isKnown = kind === "watch" || kind === "retry";
    if (isKnown && typeof tenant === "string" && typeof id === "string" && isId("task", id))
      return { kind, tenant, id };
  }
  throw new Error(`This message is no wakeup: ${body.slice(0, 200)}`);
}
