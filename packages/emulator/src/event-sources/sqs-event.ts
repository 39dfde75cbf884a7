import type { ReceivedMessage } from "../sqs/message.ts";
import { md5OfAttributes } from "../sqs/message-attributes.ts";
import { systemAttributes } from "../sqs/received.ts";

/** One record of the event a function gets (Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
export function toRecord(message: ReceivedMessage, source: { arn: string; region: string }) {
  const { attributes } = message.detail;
  const digest = md5OfAttributes(attributes);
  return {
    messageId: message.id,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: systemAttributes(message),
    messageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        {
          ...(StringValue !== undefined && { stringValue: StringValue }),
          ...(BinaryValue !== undefined && { binaryValue: BinaryValue }),
          stringListValues: [],
          binaryListValues: [],
          dataType: DataType,
        },
      ]),
    ),
    md5OfBody: message.detail.md5OfBody,
    ...(digest !== undefined && { md5OfMessageAttributes: digest }),
    eventSource: "aws:sqs",
    eventSourceARN: source.arn,
    awsRegion: source.region,
  };
}
