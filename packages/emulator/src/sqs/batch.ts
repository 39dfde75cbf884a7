import { type Fields, list, optionalText, toFields } from "./fields.ts";
import { SqsError } from "./sqs-error.ts";

const MAX_ENTRIES = 10;
const ENTRY_ID = /^[\w-]{1,80}$/;

export interface Entry {
  readonly id: string;
  readonly fields: Fields;
}

/**
 * The entries of a batch request; what is wrong with one of them alone is not looked at.
 * @throws SqsError EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId, BatchEntryIdsNotDistinct
 */
export function parseEntries(fields: Fields): Entry[] {
  const entries = list(fields, "Entries").map(toFields);
  if (entries.length === 0) throw new SqsError("EmptyBatchRequest");
  if (entries.length > MAX_ENTRIES) {
    const message = `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${entries.length}.`;
    throw new SqsError("TooManyEntriesInBatchRequest", message);
  }
  const seen = new Set<string>();
  return entries.map((entry) => {
    const id = optionalText(entry, "Id") ?? "";
    if (!ENTRY_ID.test(id)) throw new SqsError("InvalidBatchEntryId");
    if (seen.has(id)) throw new SqsError("BatchEntryIdsNotDistinct", `Id ${id} repeated.`);
    seen.add(id);
    return { id, fields: entry };
  });
}

/** Runs each entry for itself: an entry that is refused fails alone. */
export function runEntries<T>(
  entries: readonly Entry[],
  run: (fields: Fields) => T,
): { done: { id: string; result: T }[]; failed: Fields[] } {
  const done: { id: string; result: T }[] = [];
  const failed: Fields[] = [];
  for (const { id, fields } of entries) {
    try {
      done.push({ id, result: run(fields) });
    } catch (cause) {
      if (!(cause instanceof SqsError)) throw cause;
      const { queryCode, message, byCaller } = cause;
      failed.push({ Id: id, SenderFault: byCaller, Code: queryCode, Message: message });
    }
  }
  return { done, failed };
}
