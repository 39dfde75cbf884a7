import { type Fields, textList } from "./fields.ts";
import type { ReceivedMessage } from "./message.ts";
import { md5OfAttributes, selectAttributes } from "./message-attributes.ts";
import { SqsError } from "./sqs-error.ts";

/** A received message's attributes that SQS sets, as they are on the wire. */
export function systemAttributes(message: ReceivedMessage): Record<string, string> {
  const { detail, sentMs, firstReceivedMs, receives, deadLetterSource } = message;
  const { senderId, messageGroupId, awsTraceHeader } = detail;
  return {
    SenderId: senderId,
    SentTimestamp: String(sentMs),
    ApproximateReceiveCount: String(receives),
    ApproximateFirstReceiveTimestamp: String(firstReceivedMs),
    ...(messageGroupId !== undefined && { MessageGroupId: messageGroupId }),
    ...(awsTraceHeader !== undefined && { AWSTraceHeader: awsTraceHeader }),
    ...(deadLetterSource !== undefined && { DeadLetterQueueSourceArn: deadLetterSource }),
  };
}

/** Names a receive may ask for; the last two are of FIFO queues and never there. */
const SYSTEM_NAMES = new Set([
  "All",
  "SenderId",
  "SentTimestamp",
  "ApproximateReceiveCount",
  "ApproximateFirstReceiveTimestamp",
  "MessageGroupId",
  "AWSTraceHeader",
  "DeadLetterQueueSourceArn",
  "MessageDeduplicationId",
  "SequenceNumber",
]);

/** Turns messages into what the request asked to see of them. @throws SqsError InvalidAttributeName */
export function presenter(fields: Fields): (message: ReceivedMessage) => Fields {
  const system = [
    ...textList(fields, "AttributeNames"),
    ...textList(fields, "MessageSystemAttributeNames"),
  ];
  const unknown = system.find((name) => !SYSTEM_NAMES.has(name));
  if (unknown !== undefined) {
    throw new SqsError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
  }
  const wanted = textList(fields, "MessageAttributeNames");
  return (message) => {
    const shown = Object.entries(systemAttributes(message)).filter(
      ([name]) => system.includes("All") || system.includes(name),
    );
    const attributes = selectAttributes(message.detail.attributes, wanted);
    const digest = md5OfAttributes(attributes);
    return {
      MessageId: message.id,
      ReceiptHandle: message.receiptHandle,
      MD5OfBody: message.detail.md5OfBody,
      Body: message.body,
      ...(shown.length > 0 && { Attributes: Object.fromEntries(shown) }),
      ...(digest && { MessageAttributes: attributes, MD5OfMessageAttributes: digest }),
    };
  };
}
