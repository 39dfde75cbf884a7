import { hash, randomUUID } from "node:crypto";
import { type Fields, optionalInteger, optionalText, requiredText } from "./fields.ts";
import type { NewMessage } from "./message.ts";
import {
  attributeBytes,
  md5OfAttributes,
  parseAttributes,
  parseTraceHeader,
} from "./message-attributes.ts";
import { MAX_DELAY_SECONDS, type QueueSettings } from "./queue-settings.ts";
import { invalidParameter, SqsError } from "./sqs-error.ts";

/** A message and what sending it answers. */
export interface Sending {
  readonly message: NewMessage;
  /** Body and attributes. */
  readonly bytes: number;
  readonly answer: Fields;
}

/** `#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF` and nothing else. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
const GROUP_ID = /^[!-~]{1,128}$/;
const DELAY = {
  from: 0,
  to: MAX_DELAY_SECONDS,
  reason: `DelaySeconds must be >= 0 and <= ${MAX_DELAY_SECONDS}.`,
};

/**
 * Checks one message of SendMessage or of a batch.
 * @throws SqsError MissingParameter, InvalidMessageContents, InvalidParameterValue, MalformedInput
 */
export function parseSending(fields: Fields, settings: QueueSettings, senderId: string): Sending {
  const body = requiredText(fields, "MessageBody");
  if (FORBIDDEN.test(body)) throw new SqsError("InvalidMessageContents");
  const attributes = parseAttributes(fields.MessageAttributes);
  const bytes = Buffer.byteLength(body) + attributeBytes(attributes);
  if (bytes > settings.maximumMessageBytes) {
    const limit = `Message must be shorter than ${settings.maximumMessageBytes} bytes.`;
    throw new SqsError(
      "InvalidParameterValue",
      `One or more parameters are invalid. Reason: ${limit}`,
    );
  }
  const messageGroupId = parseGroupId(fields);
  const awsTraceHeader = parseTraceHeader(fields);
  const md5OfBody = hash("md5", body, "hex");
  const message: NewMessage = {
    id: randomUUID(),
    body,
    delaySeconds: optionalInteger(fields, "DelaySeconds", DELAY) ?? settings.delaySeconds,
    detail: {
      md5OfBody,
      senderId,
      attributes,
      ...(messageGroupId !== undefined && { messageGroupId }),
      ...(awsTraceHeader !== undefined && { awsTraceHeader }),
    },
  };
  const answer = {
    MessageId: message.id,
    MD5OfMessageBody: md5OfBody,
    MD5OfMessageAttributes: md5OfAttributes(attributes),
    ...(awsTraceHeader !== undefined && {
      MD5OfMessageSystemAttributes: md5OfAttributes({
        AWSTraceHeader: { DataType: "String", StringValue: awsTraceHeader },
      }),
    }),
  };
  return { message, bytes, answer };
}

/** Standard queues take a group id, for fairness between tenants, and no deduplication id. */
function parseGroupId(fields: Fields): string | undefined {
  const deduplication = optionalText(fields, "MessageDeduplicationId");
  if (deduplication !== undefined) {
    const reason = "The request include parameter that is not valid for this queue type.";
    throw invalidParameter("MessageDeduplicationId", deduplication, reason);
  }
  const group = optionalText(fields, "MessageGroupId");
  if (group === undefined || GROUP_ID.test(group)) return group;
  const reason =
    "MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.";
  throw invalidParameter("MessageGroupId", group, reason);
}
